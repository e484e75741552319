def program(xs):
    """Sum_Abs_Values, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 21724 sequences.
    """
    total = 0
    ys = []
    for x in xs:
        total = total + abs(x)
        ys.append(total)
    return ys

def program(xs):
    """Stack_Depth, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 143071 sequences.
    """
    total = 0
    ys = []
    for x in xs:
        total = 1 - min(2 * x - total, 1)
        ys.append(total)
    return ys

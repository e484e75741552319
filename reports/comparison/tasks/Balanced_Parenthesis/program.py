def program(xs):
    """Balanced_Parenthesis, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 143071 sequences.
    """
    total = largest = 0
    ys = []
    for x in xs:
        total = total + 2 * x - 1
        largest = max(largest, total)
        ys.append(int(total == 0 and largest == 0))
    return ys

def program(xs):
    """Majority_0_1, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 143071 sequences.
    """
    count_0 = count_1 = 0
    ys = []
    for x in xs:
        count_0 = count_0 + (x == 0)
        count_1 = count_1 + (x == 1)
        ys.append(int(count_0 < count_1))
    return ys

def program(xs):
    """Majority_0_2, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 100573 sequences.
    """
    count_0 = count_1 = count_2 = 0
    ys = []
    for x in xs:
        count_0 = count_0 + (x == 0)
        count_1 = count_1 + (x == 1)
        count_2 = count_2 + (x == 2)
        ys.append(int(count_0 < count_1 if count_2 <= count_0 else 2 if count_1 < count_2 else 1))
    return ys

def program(xs):
    """Majority_0_3, distilled from a network with hidden size 3 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 99381 sequences.
    """
    count_0 = count_1 = count_2 = count_3 = 0
    ys = []
    for x in xs:
        count_0 = count_0 + (x == 0)
        count_1 = count_1 + (x == 1)
        count_2 = count_2 + (x == 2)
        count_3 = count_3 + (x == 3)
        ys.append(int(count_0 < count_1 if max(count_2, count_3) <= count_0 else 3 if max(count_1, count_2) < count_3 else 2 if count_1 < count_2 else 1))
    return ys

def program(xs):
    """Median_Last3, distilled from a network with hidden size 3 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    previous = previous_2 = 0
    ys = []
    for x in xs:
        ys.append(min(max(min(x, previous), previous_2), max(x, previous)))
        previous_2 = previous
        previous = x
    return ys

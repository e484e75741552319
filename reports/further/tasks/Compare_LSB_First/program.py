def program(xs):
    """Compare_LSB_First, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    largest = 0
    ys = []
    for x0, x1 in xs:
        largest = max(min(largest + 2 * x0 - 2 * x1, 1), -1)
        ys.append(largest)
    return ys

def program(xs):
    """Perfect_Square_Detector, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    ys = []
    for x in xs:
        ys.append(int(x in (0, 1, 4, 9, 16)))
    return ys

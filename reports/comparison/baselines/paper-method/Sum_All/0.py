def program(xs):
    """Sum_All, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    total = 0
    ys = []
    for x in xs:
        total = total + x
        ys.append(total)
    return ys

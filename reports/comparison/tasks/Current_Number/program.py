def program(xs):
    """Current_Number, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    ys = []
    for x in xs:
        ys.append(x)
    return ys

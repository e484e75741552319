def program(xs):
    """Diff_Last2, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    previous = 0
    ys = []
    for x in xs:
        ys.append(x - previous)
        previous = x
    return ys

def program(xs):
    """Prev1, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    state = 0
    ys = []
    for x in xs:
        ys.append(state)
        state = x
    return ys

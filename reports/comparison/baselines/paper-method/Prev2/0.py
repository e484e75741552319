def program(xs):
    """Prev2, distilled from a network with hidden size 3 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    state = state_2 = 0
    ys = []
    for x in xs:
        ys.append(state_2)
        state_2 = state
        state = x
    return ys

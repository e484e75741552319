def program(xs):
    """Sum_Last5, distilled from a network with hidden size 5 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    state = state_2 = state_3 = state_4 = 0
    ys = []
    for x in xs:
        ys.append(state + state_2 + state_3 + state_4 + x)
        state_4 = state_3
        state_3 = state_2
        state_2 = state
        state = x
    return ys

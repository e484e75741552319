def program(xs):
    """Abs_Diff, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 0
    state_2 = 30
    ys = []
    for x in xs:
        state_2 = abs(state - x)
        state = x
        ys.append(state_2)
    return ys

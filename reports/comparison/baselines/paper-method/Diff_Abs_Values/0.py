def program(xs):
    """Diff_Abs_Values, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = total = 0
    ys = []
    for x in xs:
        total = state - 50
        state = abs(x)
        ys.append(state - total - 50)
    return ys

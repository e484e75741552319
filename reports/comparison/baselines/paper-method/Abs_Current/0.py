def program(xs):
    """Abs_Current, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 44
    ys = []
    for x in xs:
        state = abs(x)
        ys.append(state)
    return ys

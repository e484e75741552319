def program(xs):
    """Previous_Equals_Current, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 0
    ys = []
    for x in xs:
        ys.append(int(state == x))
        state = x
    return ys

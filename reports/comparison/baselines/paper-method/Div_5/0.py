def program(xs):
    """Div_5, distilled from a network with hidden size 4 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 4
    ys = []
    for x in xs:
        value = state ^ x
        state = state // 2 if state < value else state + 1 if (state <= 2) ^ x else state + 2 if x else state // (state ^ 5)
        ys.append(int(value < x + 2))
    return ys

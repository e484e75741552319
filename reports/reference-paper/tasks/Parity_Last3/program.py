def program(xs):
    """Parity_Last3, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 1
    ys = []
    for x in xs:
        ys.append(int(min(state <= 2, state) == x))
        state = (state < 2) + x + x
    return ys

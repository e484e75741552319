def program(xs):
    """Parity_Last4, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 0
    total = remainder = 1
    ys = []
    for x in xs:
        ys.append((state + remainder + x + 1) % 2)
        remainder = (state + total) % 2
        total = state + 1 - 2 * x
        state = x
    return ys

def program(xs):
    """Parity_Last3, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 0
    total = 1
    ys = []
    for x in xs:
        ys.append((state + total + x + 1) % 2)
        total = 1 - state
        state = x
    return ys

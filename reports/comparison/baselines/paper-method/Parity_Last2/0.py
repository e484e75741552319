def program(xs):
    """Parity_Last2, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 0
    ys = []
    for x in xs:
        ys.append((state + x) % 2)
        state = x
    return ys

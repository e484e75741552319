def program(xs):
    """Alternating_Last4, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 3
    ys = []
    for x in xs:
        value = int(2 < state)
        ys.append(int(-state % 6 == x))
        state = int(3 if x < value else state < 4 if value else 2 if x else 5 if state < 2 else 4)
    return ys

def program(xs):
    """Div_7, distilled from a network with hidden size 8 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = 0
    ys = []
    for x in xs:
        total = state + x
        state = 2 * (total % 7)
        ys.append(int(7 <= total))
    return ys

def program(xs):
    """Div_7, distilled from a network with hidden size 8 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = 0
    ys = []
    for x in xs:
        remainder = (2 * remainder + x) % 7
        ys.append((remainder + x) % 2)
    return ys

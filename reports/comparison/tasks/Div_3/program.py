def program(xs):
    """Div_3, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = 0
    ys = []
    for x in xs:
        remainder = (x - remainder) % 3
        ys.append((remainder + x) % 2)
    return ys

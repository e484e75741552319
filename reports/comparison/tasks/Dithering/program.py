def program(xs):
    """Dithering, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = 0
    ys = []
    for x in xs:
        remainder = (remainder + x) % 15
        ys.append(int(remainder < x))
    return ys

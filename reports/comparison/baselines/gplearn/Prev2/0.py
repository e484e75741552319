def program(xs):
    """Prev2: fitted to 100 words."""
    x_2 = x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(max(-x_2, abs(x_2))))
        x_2, x_1 = x_1, x
    return ys

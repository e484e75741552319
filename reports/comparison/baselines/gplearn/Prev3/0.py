def program(xs):
    """Prev3: fitted to 100 words."""
    x_3 = x_2 = x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(abs(x_3)))
        x_3, x_2, x_1 = x_2, x_1, x
    return ys

def program(xs):
    """Prev5: fitted to 100 words."""
    x_7 = x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(0 * (x_7 - x_7) + x_5))
        x_7, x_6, x_5, x_4, x_3, x_2, x_1 = x_6, x_5, x_4, x_3, x_2, x_1, x
    return ys

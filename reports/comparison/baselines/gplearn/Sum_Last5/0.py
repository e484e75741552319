def program(xs):
    """Sum_Last5: fitted to 100 words."""
    x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_1 = 0
    ys = []
    for x in xs:
        y = round((-(x_5 - y_1)) - (-x))
        ys.append(y)
        x_5, x_4, x_3, x_2, x_1 = x_4, x_3, x_2, x_1, x
        y_1 = y
    return ys

def program(xs):
    """Sum_Last4: fitted to 100 words."""
    x_4 = x_3 = x_2 = x_1 = 0
    y_1 = 0
    ys = []
    for x in xs:
        y = round(x - x_4 + y_1)
        ys.append(y)
        x_4, x_3, x_2, x_1 = x_3, x_2, x_1, x
        y_1 = y
    return ys

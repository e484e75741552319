def program(xs):
    """Sum_Last3: fitted to 100 words."""
    x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_1 = 0
    ys = []
    for x in xs:
        y = round(-(-abs(-min(x_1 + (x_2 + x), max(max(x_6, x_1) + (x_2 + x), max(max(max(x, y_1), x_2 + x), y_1))))))
        ys.append(y)
        x_6, x_5, x_4, x_3, x_2, x_1 = x_5, x_4, x_3, x_2, x_1, x
        y_1 = y
    return ys

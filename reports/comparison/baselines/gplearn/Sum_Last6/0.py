def program(xs):
    """Sum_Last6: fitted to 100 words."""
    x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_2 = y_1 = 0
    time = 0
    ys = []
    for x in xs:
        y = round(max(max(min(x_1, x_1 + y_2) - (-x), abs(max(0, x))), max(0, x) + (max(y_1, x_3) - min(max(y_1, time), x_6))))
        ys.append(y)
        x_6, x_5, x_4, x_3, x_2, x_1 = x_5, x_4, x_3, x_2, x_1, x
        y_2, y_1 = y_1, y
        time = time + 1
    return ys

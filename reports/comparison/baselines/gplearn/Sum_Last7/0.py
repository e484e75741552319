def program(xs):
    """Sum_Last7: fitted to 100 words."""
    x_7 = x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_1 = 0
    time = 0
    ys = []
    for x in xs:
        y = round(max(x, -time) + (max(y_1, time) + (-max(x_7, max(x_7, -time)))))
        ys.append(y)
        x_7, x_6, x_5, x_4, x_3, x_2, x_1 = x_6, x_5, x_4, x_3, x_2, x_1, x
        y_1 = y
        time = time + 1
    return ys

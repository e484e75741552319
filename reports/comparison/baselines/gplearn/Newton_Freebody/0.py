def program(xs):
    """Newton_Freebody: fitted to 100 words."""
    y_1 = 0
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        y = round(sum_x + y_1)
        ys.append(y)
        y_1 = y
    return ys

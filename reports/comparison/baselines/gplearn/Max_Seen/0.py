def program(xs):
    """Max_Seen: fitted to 100 words."""
    x_1 = 0
    y_1 = 0
    ys = []
    for x in xs:
        y = round(max(x_1, max(x, y_1)))
        ys.append(y)
        x_1 = x
        y_1 = y
    return ys

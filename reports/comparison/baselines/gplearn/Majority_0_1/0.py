def program(xs):
    """Majority_0_1: fitted to 100 words."""
    x_1 = 0
    y_2 = y_1 = 0
    ys = []
    for x in xs:
        y = round(max(x * y_1, max(x * y_1, min(max(x, x_1), y_2))))
        ys.append(y)
        x_1 = x
        y_2, y_1 = y_1, y
    return ys

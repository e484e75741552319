def program(xs):
    """Div_3: fitted to 100 words."""
    x_2 = x_1 = 0
    y_2 = y_1 = 0
    ys = []
    for x in xs:
        y = round(max(x_1, max(x_1, abs(x_2 - max(y_2, y_1)))) * x)
        ys.append(y)
        x_2, x_1 = x_1, x
        y_2, y_1 = y_1, y
    return ys

def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Div_5: fitted to 100 words."""
    x_7 = x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_2 = y_1 = 0
    ys = []
    for x in xs:
        y = round(abs(min((-y_1) + (x_3 + min(div(x_7, y_2), x_2)), x)))
        ys.append(y)
        x_7, x_6, x_5, x_4, x_3, x_2, x_1 = x_6, x_5, x_4, x_3, x_2, x_1, x
        y_2, y_1 = y_1, y
    return ys

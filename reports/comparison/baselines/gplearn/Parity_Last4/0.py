def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Parity_Last4: fitted to 100 words."""
    x_7 = x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_1 = 0
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        y = round(min(div(min(div(div(abs(x) * div(sum_x, y_1), x_4), max(abs(x) * div(sum_x, y_1), y_1)), max(x_7, max(x, y_1))), div(y_1, x_4)), min(div(div(y_1, x_4), max(y_1, min(div(div(abs(x) * div(sum_x, y_1), x_4), max(y_1, abs(x) * div(sum_x, y_1))), max(x, y_1)))), sum_x)))
        ys.append(y)
        x_7, x_6, x_5, x_4, x_3, x_2, x_1 = x_6, x_5, x_4, x_3, x_2, x_1, x
        y_1 = y
    return ys

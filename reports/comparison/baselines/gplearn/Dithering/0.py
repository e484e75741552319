def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Dithering: fitted to 100 words."""
    x_2 = x_1 = 0
    y_1 = 0
    ys = []
    for x in xs:
        y = round(min(div(x, 7), mod(min(min(div(x, 7), div(mod(1, div(x, 7)), y_1)), 5 * (x_2 * x)), x)))
        ys.append(y)
        x_2, x_1 = x_1, x
        y_1 = y
    return ys

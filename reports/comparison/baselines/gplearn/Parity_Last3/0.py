def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Parity_Last3: fitted to 100 words."""
    x_2 = x_1 = 0
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        ys.append(round(min(max(abs(x_1), max(x_1, max(x_2, x))), div(min(x_2, x_1), mod(x, sum_x)))))
        x_2, x_1 = x_1, x
    return ys

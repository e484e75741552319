def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Bitwise_Not: fitted to 100 words."""
    x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(div(mod(x, x_1), mod(x, 3))))
        x_1 = x
    return ys

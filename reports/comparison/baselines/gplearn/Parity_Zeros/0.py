def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Parity_Zeros: fitted to 100 words."""
    y_1 = 0
    ys = []
    for x in xs:
        y = round(div(min(x, y_1), x - y_1))
        ys.append(y)
        y_1 = y
    return ys

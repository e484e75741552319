def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Alternating_Last3: fitted to 100 words."""
    x_2 = x_1 = 0
    y_1 = 0
    time = 0
    ys = []
    for x in xs:
        y = round(div(y_1, min(time, x_1)) * min(x_2, x))
        ys.append(y)
        x_2, x_1 = x_1, x
        y_1 = y
        time = time + 1
    return ys

def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Previous_Equals_Current: fitted to 100 words."""
    y_2 = y_1 = 0
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        y = round(div(mod(sum_x, y_2), sum_x))
        ys.append(y)
        y_2, y_1 = y_1, y
    return ys

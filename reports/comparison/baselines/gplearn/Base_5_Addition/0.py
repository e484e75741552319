def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Base_5_Addition: fitted to 100 words."""
    x0_1 = 0
    x1_7 = x1_6 = x1_5 = x1_4 = x1_3 = x1_2 = x1_1 = 0
    ys = []
    for x0, x1 in xs:
        ys.append(round(div(2, mod(x0_1 - x1_5, x1_7)) + div(x1, mod(x1, x1))))
        x0_1 = x0
        x1_7, x1_6, x1_5, x1_4, x1_3, x1_2, x1_1 = x1_6, x1_5, x1_4, x1_3, x1_2, x1_1, x1
    return ys

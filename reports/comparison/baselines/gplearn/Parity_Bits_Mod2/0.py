def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Parity_Bits_Mod2: fitted to 100 words."""
    x_4 = x_3 = x_2 = x_1 = 0
    y_2 = y_1 = 0
    time = 0
    ys = []
    for x in xs:
        y = round(mod(div(y_2, x_3), div(y_2, y_1) + (y_2 + y_2) - min(div(-div(y_2, y_1), max(x_4, time)), y_2)))
        ys.append(y)
        x_4, x_3, x_2, x_1 = x_3, x_2, x_1, x
        y_2, y_1 = y_1, y
        time = time + 1
    return ys

def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Balanced_Parenthesis: fitted to 100 words."""
    x_7 = x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(mod(x_7, x_6)))
        x_7, x_6, x_5, x_4, x_3, x_2, x_1 = x_6, x_5, x_4, x_3, x_2, x_1, x
    return ys

def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Add_Mod_4: fitted to 100 words."""
    x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_1 = 0
    ys = []
    for x in xs:
        y = round(max(max(x - abs(y_1), abs(x - max(x - div(abs(y_1), x_6), abs(x - abs(x - abs(y_1)))))) - abs(y_1), abs(x - max(x - abs(y_1), max(x - div(x_6, x_6), abs(x - max(x - abs(x - abs(y_1)), abs(x - abs(y_1)))))))))
        ys.append(y)
        x_6, x_5, x_4, x_3, x_2, x_1 = x_5, x_4, x_3, x_2, x_1, x
        y_1 = y
    return ys

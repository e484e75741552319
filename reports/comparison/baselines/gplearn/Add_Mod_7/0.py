def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Add_Mod_7: fitted to 100 words."""
    x_5 = x_4 = x_3 = x_2 = x_1 = 0
    y_2 = y_1 = 0
    time = sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        y = round(max(abs(max(min(3, min(y_2 + x_1, 2 + div(x_1, x_1)) + x), max(x, x_5) - min(time, sum_x))), abs(x - min(y_2 + x_1, max(min(3, abs(time) + x_1), 4)))))
        ys.append(y)
        x_5, x_4, x_3, x_2, x_1 = x_4, x_3, x_2, x_1, x
        y_2, y_1 = y_1, y
        time = time + 1
    return ys

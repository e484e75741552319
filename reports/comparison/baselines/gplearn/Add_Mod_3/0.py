def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Add_Mod_3: fitted to 100 words."""
    y_1 = 0
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        y = round(min(div(min(sum_x, div(div(y_1, min(y_1, div(y_1 + x, x))), min(y_1, div(max(abs(abs(x)), y_1), x)))), min(y_1, div(max(abs(abs(x)), y_1), x))), y_1 + x))
        ys.append(y)
        y_1 = y
    return ys

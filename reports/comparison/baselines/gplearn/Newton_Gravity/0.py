def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Newton_Gravity: fitted to 100 words."""
    y_2 = y_1 = 0
    time = sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        y = round(sum_x - div(y_2, y_2) - time + y_1)
        ys.append(y)
        y_2, y_1 = y_1, y
        time = time + 1
    return ys

def program(xs):
    """Bitwise_Xor: fitted to 100 words."""
    y_1 = 0
    time = sum_x1 = 0
    ys = []
    for x0, x1 in xs:
        sum_x1 = sum_x1 + x1
        y = round(min(max(max(x0, x1), -(sum_x1 + y_1 - time * x0)), abs((-x1) + x0)))
        ys.append(y)
        y_1 = y
        time = time + 1
    return ys

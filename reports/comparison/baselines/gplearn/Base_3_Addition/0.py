def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Base_3_Addition: fitted to 100 words."""
    sum_x0 = 0
    ys = []
    for x0, x1 in xs:
        sum_x0 = sum_x0 + x0
        ys.append(round(div(sum_x0, sum_x0)))
    return ys

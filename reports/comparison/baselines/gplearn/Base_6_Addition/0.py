def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Base_6_Addition: fitted to 100 words."""
    x0_7 = x0_6 = x0_5 = x0_4 = x0_3 = x0_2 = x0_1 = 0
    x1_6 = x1_5 = x1_4 = x1_3 = x1_2 = x1_1 = 0
    sum_x1 = 0
    ys = []
    for x0, x1 in xs:
        sum_x1 = sum_x1 + x1
        ys.append(round(div(min(x1_6, div(abs(x0_7), abs(x0_7))), mod(sum_x1, mod(max(4, max(x1, x1_6)), x0))) + div(mod(sum_x1, x0), mod(sum_x1, x0)) + div(div(mod(sum_x1, x0), mod(sum_x1, x0)), mod(sum_x1, sum_x1))))
        x0_7, x0_6, x0_5, x0_4, x0_3, x0_2, x0_1 = x0_6, x0_5, x0_4, x0_3, x0_2, x0_1, x0
        x1_6, x1_5, x1_4, x1_3, x1_2, x1_1 = x1_5, x1_4, x1_3, x1_2, x1_1, x1
    return ys

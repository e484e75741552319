def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Evens_Detector: fitted to 100 words."""
    x_7 = x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    time = sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        ys.append(round(div((x_3 + x_7) * mod(min(x_7, x_3), div(x_4, x_4)), min(mod(div(x_1, sum_x), x_3), time * mod(max(max(x_6, x_4), div(x_3, x_6)), div(x_4, x_4))) + mod(-x, div(x_4, x_4) + div(x_4, x_4)))))
        x_7, x_6, x_5, x_4, x_3, x_2, x_1 = x_6, x_5, x_4, x_3, x_2, x_1, x
        time = time + 1
    return ys

def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def program(xs):
    """Binary_Addition: fitted to 100 words."""
    x1_1 = 0
    time = sum_x1 = 0
    ys = []
    for x0, x1 in xs:
        sum_x1 = sum_x1 + x1
        ys.append(round(min(max(x1_1, -(-div(min(max(x1_1, -(-div(div(time, x1_1), x1_1 - x1))), abs(time)), min(time + sum_x1, max(x1_1, x0))))), abs(max(min(div(time, x1_1), max(x1_1, x0)), div(min(x1, 2), div(time, x1_1)))))))
        x1_1 = x1
        time = time + 1
    return ys

def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Parity_Last2: fitted to 100 words."""
    x_1 = 0
    time = 0
    ys = []
    for x in xs:
        ys.append(round(div(max(mod(x_1, 8), x), div(div(x_1 * time, abs(x)) + (div(max(mod(x_1, 8), x_1 * time * time), abs(x)) + abs(abs(x))), abs(x)))))
        x_1 = x
        time = time + 1
    return ys

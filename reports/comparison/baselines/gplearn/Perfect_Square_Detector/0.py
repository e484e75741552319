def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Perfect_Square_Detector: fitted to 100 words."""
    ys = []
    for x in xs:
        ys.append(round(mod(div(div(x, x), x), 4)))
    return ys

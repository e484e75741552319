def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Min_Seen: fitted to 100 words."""
    y_2 = y_1 = 0
    time = 0
    ys = []
    for x in xs:
        y = round(max(min(x, y_1), abs(x) * div(mod(y_1, mod(min(x, y_1), y_2)), time)))
        ys.append(y)
        y_2, y_1 = y_1, y
        time = time + 1
    return ys

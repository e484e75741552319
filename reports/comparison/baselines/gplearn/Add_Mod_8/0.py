def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Add_Mod_8: fitted to 100 words."""
    y_1 = 0
    ys = []
    for x in xs:
        y = round(mod(y_1 + abs(x), 8))
        ys.append(y)
        y_1 = y
    return ys

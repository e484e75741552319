def program(xs):
    """Bit_Dot_Prod_Mod2: fitted to 100 words."""
    y_1 = 0
    ys = []
    for x0, x1 in xs:
        y = round(min(max(y_1, x1), max(x0, y_1)))
        ys.append(y)
        y_1 = y
    return ys

def program(xs):
    """Parity_All: fitted to 100 words."""
    y_1 = 0
    ys = []
    for x in xs:
        y = round(abs(x - y_1))
        ys.append(y)
        y_1 = y
    return ys

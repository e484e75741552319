def program(xs):
    """Alternating_Last4: fitted to 100 words."""
    y_2 = y_1 = 0
    ys = []
    for x in xs:
        y = round(min(y_1, y_2))
        ys.append(y)
        y_2, y_1 = y_1, y
    return ys

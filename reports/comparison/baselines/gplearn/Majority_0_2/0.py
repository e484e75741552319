def program(xs):
    """Majority_0_2: fitted to 100 words."""
    y_2 = y_1 = 0
    ys = []
    for x in xs:
        y = round(min(max(y_2, y_1), max(min(y_1, y_2 + y_2), x)))
        ys.append(y)
        y_2, y_1 = y_1, y
    return ys

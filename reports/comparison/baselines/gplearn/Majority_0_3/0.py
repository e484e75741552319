def program(xs):
    """Majority_0_3: fitted to 100 words."""
    y_2 = y_1 = 0
    ys = []
    for x in xs:
        y = round(min(min(max(x, y_2), max(y_1, min(x, y_2))), max(y_1, min(x, y_2))))
        ys.append(y)
        y_2, y_1 = y_1, y
    return ys

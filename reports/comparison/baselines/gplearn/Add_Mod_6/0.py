def program(xs):
    """Add_Mod_6: fitted to 100 words."""
    y_1 = 0
    ys = []
    for x in xs:
        y = round(max(x - abs(y_1) - abs(y_1), min(3, max(x - (x - y_1 - abs(y_1) - abs(y_1) - (x - abs(y_1) - abs(y_1))), min(3, y_1)))))
        ys.append(y)
        y_1 = y
    return ys

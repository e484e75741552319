def program(xs):
    """Diff_Abs_Values: fitted to 100 words."""
    x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(-(abs(x_1) - abs(x))))
        x_1 = x
    return ys

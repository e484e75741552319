def program(xs):
    """Diff_Last2: fitted to 100 words."""
    x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(x - x_1))
        x_1 = x
    return ys

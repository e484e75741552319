def program(xs):
    """Abs_Diff: fitted to 100 words."""
    x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(abs(x_1 - min(x, abs(x)))))
        x_1 = x
    return ys

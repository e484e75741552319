def program(xs):
    """Prev4: fitted to 100 words."""
    x_4 = x_3 = x_2 = x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(abs(x_4)))
        x_4, x_3, x_2, x_1 = x_3, x_2, x_1, x
    return ys

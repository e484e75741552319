def program(xs):
    """Sum_All: fitted to 100 words."""
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        ys.append(round(abs(sum_x)))
    return ys

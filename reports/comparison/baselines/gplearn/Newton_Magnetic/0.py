def program(xs):
    """Newton_Magnetic: fitted to 100 words."""
    y0_1 = 0
    y1_1 = 0
    sum_x1 = sum_x0 = 0
    ys = []
    for x0, x1 in xs:
        sum_x0 = sum_x0 + x0
        sum_x1 = sum_x1 + x1
        y0 = round(sum_x0 - y1_1 + y0_1)
        y1 = round(sum_x1 + y1_1 + y0_1)
        ys.append((y0, y1))
        y0_1 = y0
        y1_1 = y1
    return ys

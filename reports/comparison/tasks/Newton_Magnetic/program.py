def program(xs):
    """Newton_Magnetic, distilled from a network with hidden size 4 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    last_y0 = last_y0_2 = last_y1 = last_y1_2 = 0
    ys = []
    for x0, x1 in xs:
        y0 = last_y1_2 + 2 * last_y0 + x0 - last_y1 - last_y0_2
        y1 = last_y0 + 2 * last_y1 + x1 - last_y0_2 - last_y1_2
        last_y0_2 = last_y0
        last_y1_2 = last_y1
        ys.append((y0, y1))
        last_y0 = y0
        last_y1 = y1
    return ys

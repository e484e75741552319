def program(xs):
    """Newton_Gravity, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    last = last_2 = 0
    ys = []
    for x in xs:
        y = 2 * last + x - last_2 - 1
        last_2 = last
        ys.append(y)
        last = y
    return ys

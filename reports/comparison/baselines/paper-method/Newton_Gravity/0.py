def program(xs):
    """Newton_Gravity, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    total = total_2 = 0
    ys = []
    for x in xs:
        total = total + x - total_2 - 1
        total_2 = total_2 + 1 - x
        ys.append(total)
    return ys

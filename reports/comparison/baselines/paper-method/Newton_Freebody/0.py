def program(xs):
    """Newton_Freebody, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    total = total_2 = 0
    ys = []
    for x in xs:
        total_2 = total + total_2 + x
        total = total + x
        ys.append(total_2)
    return ys

def program(xs):
    """JK_Flip_Flop, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    flag = 0
    ys = []
    for x0, x1 in xs:
        flag = int(x1 < flag or flag < x0)
        ys.append(flag)
    return ys

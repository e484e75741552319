def program(xs):
    """Decimal_Subtraction, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    flag = 0
    ys = []
    for x0, x1 in xs:
        ys.append((x0 - x1 - flag) % 10)
        flag = int(x0 < flag + x1)
    return ys

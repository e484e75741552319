def program(xs):
    """Newton_Magnetic, distilled from a network with hidden size 4 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    total = total_2 = number = total_3 = 0
    ys = []
    for x0, x1 in xs:
        next_total = x0 - number - total_3
        next_total_2 = total_3 + x1 - number
        next_number = total + total_3 + 2 * number
        next_total_3 = 2 * total_3 - total_2 - number
        ys.append((next_total + next_total_3 + 2 * next_number, next_total_2 + next_number - 2 * next_total_3))
        total, total_2, number, total_3 = next_total, next_total_2, next_number, next_total_3
    return ys

def program(xs):
    """Newton_Spring, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    total = total_2 = 0
    ys = []
    for x in xs:
        next_total = total_2 - x
        next_total_2 = total_2 - total
        ys.append(next_total_2 - next_total)
        total, total_2 = next_total, next_total_2
    return ys

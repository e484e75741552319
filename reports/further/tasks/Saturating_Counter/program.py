def program(xs):
    """Saturating_Counter, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    total = 0
    ys = []
    for x in xs:
        total_2 = total + x
        total = total_2 - total_2 // 4
        ys.append(total)
    return ys

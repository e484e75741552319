def program(xs):
    """Max_Last3, distilled from a network with hidden size 16 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    previous = previous_2 = 0
    ys = []
    for x in xs:
        ys.append(max(max(x, previous), previous_2))
        previous_2 = previous
        previous = x
    return ys

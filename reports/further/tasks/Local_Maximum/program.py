def program(xs):
    """Local_Maximum, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    previous = previous_2 = 0
    ys = []
    for x in xs:
        ys.append(int(max(x, previous_2) < previous))
        previous_2 = previous
        previous = x
    return ys

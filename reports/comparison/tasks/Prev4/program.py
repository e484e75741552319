def program(xs):
    """Prev4, distilled from a network with hidden size 5 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length, both being affine.
    """
    previous = previous_2 = previous_3 = previous_4 = 0
    ys = []
    for x in xs:
        ys.append(previous_4)
        previous_4 = previous_3
        previous_3 = previous_2
        previous_2 = previous
        previous = x
    return ys

def program(xs):
    """Alternating_Last4, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    previous = previous_2 = previous_3 = 0
    ys = []
    for x in xs:
        ys.append(int(x == previous_2 and previous == previous_3 and x != previous))
        previous_3 = previous_2
        previous_2 = previous
        previous = x
    return ys

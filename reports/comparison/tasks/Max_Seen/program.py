def program(xs):
    """Max_Seen, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    largest = 0
    ys = []
    for x in xs:
        largest = max(x, largest)
        ys.append(largest)
    return ys

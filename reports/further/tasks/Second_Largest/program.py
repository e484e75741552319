def program(xs):
    """Second_Largest, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    largest = largest_2 = 0
    ys = []
    for x in xs:
        largest = max(min(x, largest_2), largest)
        largest_2 = max(x, largest_2)
        ys.append(largest)
    return ys

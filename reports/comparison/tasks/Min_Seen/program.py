def program(xs):
    """Min_Seen, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    smallest = 9
    ys = []
    for x in xs:
        smallest = min(x, smallest)
        ys.append(smallest)
    return ys

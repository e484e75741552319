def program(xs):
    """Abs_Current, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    ys = []
    for x in xs:
        ys.append(abs(x))
    return ys

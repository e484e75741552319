def program(xs):
    """Add_Mod_7, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = 0
    ys = []
    for x in xs:
        remainder = (remainder + x) % 7
        ys.append(remainder)
    return ys

def program(xs):
    """Add_Mod_6, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = 6
    ys = []
    for x in xs:
        remainder = (remainder + x) % 6
        ys.append(remainder)
    return ys

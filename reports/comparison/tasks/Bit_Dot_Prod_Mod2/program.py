def program(xs):
    """Bit_Dot_Prod_Mod2, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    parity = 0
    ys = []
    for x0, x1 in xs:
        parity = x0 * x1 ^ parity
        ys.append(parity)
    return ys

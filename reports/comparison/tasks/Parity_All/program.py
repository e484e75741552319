def program(xs):
    """Parity_All, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    parity = 0
    ys = []
    for x in xs:
        parity = x ^ parity
        ys.append(parity)
    return ys

def program(xs):
    """Bitwise_Xor, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    ys = []
    for x0, x1 in xs:
        ys.append(x0 ^ x1)
    return ys

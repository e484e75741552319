def program(xs):
    """Twos_Complement_Negation, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    previous = parity = 0
    ys = []
    for x in xs:
        parity = max(previous, parity) ^ x
        previous = x
        ys.append(parity)
    return ys

def program(xs):
    """Even_Ones_Zeros_By_3, distilled from a network with hidden size 4 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    parity = remainder = 0
    ys = []
    for x in xs:
        parity = x ^ parity
        remainder = (remainder + 1 - x) % 3
        ys.append(int(parity <= -remainder))
    return ys

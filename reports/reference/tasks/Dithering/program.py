def program(xs):
    """Dithering, distilled from a network with hidden size 32 and accuracy 0.99877 (seed 0).

    Verdict: equal to the reference on 81905 sequences.
    """
    total = 0
    ys = []
    for x in xs:
        total = total + x % 15
        ys.append(int(total % 15 < x))
    return ys

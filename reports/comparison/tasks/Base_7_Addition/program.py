def program(xs):
    """Base_7_Addition, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    carry = 0
    ys = []
    for x0, x1 in xs:
        total = carry + x0 + x1
        carry = total // 7
        ys.append(total % 7)
    return ys

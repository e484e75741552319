def program(xs):
    """Base_5_Addition, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    carry = 0
    ys = []
    for x0, x1 in xs:
        total = carry + x0 + x1
        carry = total // 5
        ys.append(total % 5)
    return ys

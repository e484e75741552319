def program(xs):
    """Bit_Palindrome, distilled from a network with hidden size 16 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 143071 sequences.
    """
    power = 1
    total = number = 0
    ys = []
    for x in xs:
        total = total + power * x
        number = 2 * number + x
        power = 2 * power
        ys.append(int(total == number))
    return ys

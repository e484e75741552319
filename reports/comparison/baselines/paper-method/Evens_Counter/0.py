def program(xs):
    """Evens_Counter, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 123111 sequences.
    """
    count = 0
    ys = []
    for x in xs:
        count = count + (1 - x % 2)
        ys.append(count)
    return ys

def program(xs):
    """Edge_Counter, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 99381 sequences.
    """
    previous = count = 0
    ys = []
    for x in xs:
        count = count + (x != previous)
        previous = x
        ys.append(count)
    return ys

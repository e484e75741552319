def program(xs):
    """Sign_Switched_Sum, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 67987 sequences.
    """
    total = 0
    state = 1
    ys = []
    for x in xs:
        state = -state if x == 0 else state
        total = total + state * x
        ys.append(total)
    return ys

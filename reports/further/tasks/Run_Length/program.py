def program(xs):
    """Run_Length, distilled from a network with hidden size 2 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 100573 sequences.
    """
    previous = state = 0
    ys = []
    for x in xs:
        state = state * (x == previous) + 1
        previous = x
        ys.append(state)
    return ys

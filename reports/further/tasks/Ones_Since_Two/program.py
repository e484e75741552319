def program(xs):
    """Ones_Since_Two, distilled from a network with hidden size 1 and accuracy 1 (seed 0).

    Verdict: equal to the reference on 100573 sequences.
    """
    smallest = state = 0
    ys = []
    for x in xs:
        state = (state + 1) * (x != 2)
        smallest = min(smallest + x, state)
        ys.append(smallest)
    return ys

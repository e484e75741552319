def program(xs):
    """Bitwise_And: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x0, x1 in xs:
        ys.append((0, x0)[x1])
    return ys

def program(xs):
    """Bitwise_Or: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x0, x1 in xs:
        ys.append((x0, 1)[x1])
    return ys

def program(xs):
    """Bitwise_Not: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x in xs:
        ys.append((1, 0)[x])
    return ys

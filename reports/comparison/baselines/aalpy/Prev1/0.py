def program(xs):
    """Prev1: a machine of 100 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(state)
        state = x
    return ys

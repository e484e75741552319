def program(xs):
    """Binary_Addition: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x0, x1 in xs:
        ys.append(state if x1 == x0 else (1, 0)[state])
        state = state if state == x0 else x1
    return ys

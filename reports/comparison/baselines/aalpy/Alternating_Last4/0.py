def program(xs):
    """Alternating_Last4: a machine of 6 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append((0, 0, x, 0, (1, 0)[x], 0)[state])
        state = ((0, 2, 0, 5, 2, 0)[state], (1, 3, 4, 3, 3, 4)[state])[x]
    return ys

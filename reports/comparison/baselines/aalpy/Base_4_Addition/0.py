def program(xs):
    """Base_4_Addition: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x0, x1 in xs:
        kind = (x0, (1, 2, 3, 4)[x0], (2, 3, 4, 5)[x0], (3, 4, 5, 6)[x0])[x1]
        ys.append(((0, 1, 2, 3, 0, 1, 2)[kind], (1, 2, 3, 0, 1, 2, 3)[kind])[state])
        state = (0, 0, 0, state, 1, 1, 1)[kind]
    return ys

def program(xs):
    """Base_5_Addition: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x0, x1 in xs:
        kind = (x0, (1, 2, 3, 4, 5)[x0], (2, 3, 4, 5, 6)[x0], (3, 4, 5, 6, 7)[x0], (4, 5, 6, 7, 8)[x0])[x1]
        ys.append(state if kind <= 0 else ((1, 2, 3, 4, 0, 1, 2, 3)[kind - 1], (2, 3, 4, 0, 1, 2, 3, 4)[kind - 1])[state])
        state = (0 if kind <= 3 else state) if kind <= 4 else 1
    return ys

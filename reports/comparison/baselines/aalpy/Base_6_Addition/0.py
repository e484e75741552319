def program(xs):
    """Base_6_Addition: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x0, x1 in xs:
        kind = (x0, (1, 2, 3, 4, 5, 6)[x0], (2, 3, 4, 5, 6, 7)[x0], (3, 4, 5, 6, 7, 8)[x0], (4, 5, 6, 7, 8, 9)[x0], (5, 6, 7, 8, 9, 10)[x0])[x1]
        ys.append(state if kind <= 0 else (kind if kind <= 5 else (0, 1, 2, 3, 4)[kind - 6], 2 if kind <= 1 else 3 if kind <= 2 else (4, 5, 0, 1, 2, 3, 4, 5)[kind - 3])[state])
        state = (0 if kind <= 4 else state) if kind <= 5 else 1
    return ys

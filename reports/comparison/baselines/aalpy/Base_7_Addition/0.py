def program(xs):
    """Base_7_Addition: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x0, x1 in xs:
        kind = (x0, (1, 2, 3, 4, 5, 6, 7)[x0], (2, 3, 4, 5, 6, 7, 8)[x0], (3, 4, 5, 6, 7, 8, 9)[x0], (4, 5, 6, 7, 8, 9, 10)[x0], (5, 6, 7, 8, 9, 10, 11)[x0], (6, 7, 8, 9, 10, 11, 12)[x0])[x1]
        ys.append(state if kind <= 0 else (state if kind == 7 else (kind if kind <= 6 else (1, 2, 3, 4, 5)[kind - 8], 0 if kind == 6 else 3 if kind <= 2 else 4 if kind <= 3 else 5 if kind <= 4 else (6, 0, 0, 2, 3, 4, 5, 6)[kind - 5])[state]) if state < kind else 2)
        state = (0 if kind <= 5 else state) if kind <= 6 else 1
    return ys

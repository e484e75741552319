def program(xs):
    """Parity_Last4: a machine of 8 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(((0, 1, 1, 0, 1, 0, 0, 1)[state], (1, 0, 0, 1, 0, 1, 1, 0)[state])[x])
        state = ((0, 2, 4, 6, 0, 2, 4, 6)[state], (1, 3, 5, 7, 1, 3, 5, 7)[state])[x]
    return ys

def program(xs):
    """Alternating_Last3: a machine of 4 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append((0, (1, 0)[x], x, 0)[state])
        state = (x, (2, 3)[x], x, (2, 3)[x])[state]
    return ys

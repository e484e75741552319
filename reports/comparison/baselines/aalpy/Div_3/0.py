def program(xs):
    """Div_3: a machine of 3 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append((0, x, 1)[state])
        state = (x, (2, 0)[x], (1, 2)[x])[state]
    return ys

def program(xs):
    """Div_5: a machine of 5 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append((0, 0, x, 1, 1)[state])
        state = ((0, 2, 4, 1, 3)[state], (1, 3, 0, 2, 4)[state])[x]
    return ys

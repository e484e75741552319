def program(xs):
    """Div_7: a machine of 7 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append((0, 0, 0, x, 1, 1, 1)[state])
        state = ((0, 2, 4, 6, 1, 3, 5)[state], (1, 3, 5, 0, 2, 4, 6)[state])[x]
    return ys

def program(xs):
    """Add_Mod_7: a machine of 7 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = (state, (1, 2, 3, 4, 5, 6, 0)[state], (2, 3, 4, 5, 6, 0, 1)[state], (3, 4, 5, 6, 0, 1, 2)[state], (4, 5, 6, 0, 1, 2, 3)[state], (5, 6, 0, 1, 2, 3, 4)[state], (6, 0, 1, 2, 3, 4, 5)[state])[x]
        ys.append(state)
    return ys

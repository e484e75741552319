def program(xs):
    """Add_Mod_8: a machine of 8 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = (state, (1, 2, 3, 4, 5, 6, 7, 0)[state], (2, 3, 4, 5, 6, 7, 0, 1)[state], (3, 4, 5, 6, 7, 0, 1, 2)[state], (4, 5, 6, 7, 0, 1, 2, 3)[state], (5, 6, 7, 0, 1, 2, 3, 4)[state], (6, 7, 0, 1, 2, 3, 4, 5)[state], (7, 0, 1, 2, 3, 4, 5, 6)[state])[x]
        ys.append(state)
    return ys

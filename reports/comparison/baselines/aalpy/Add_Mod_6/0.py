def program(xs):
    """Add_Mod_6: a machine of 6 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = (state, (1, 2, 3, 4, 5, 0)[state], (2, 3, 4, 5, 0, 1)[state], (3, 4, 5, 0, 1, 2)[state], (4, 5, 0, 1, 2, 3)[state], (5, 0, 1, 2, 3, 4)[state])[x]
        ys.append(state)
    return ys

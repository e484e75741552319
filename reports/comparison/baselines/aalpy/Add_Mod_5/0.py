def program(xs):
    """Add_Mod_5: a machine of 5 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = (state, (1, 2, 3, 4, 0)[state], (2, 3, 4, 0, 1)[state], (3, 4, 0, 1, 2)[state], (4, 0, 1, 2, 3)[state])[x]
        ys.append(state)
    return ys

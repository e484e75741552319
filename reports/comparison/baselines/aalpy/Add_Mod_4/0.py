def program(xs):
    """Add_Mod_4: a machine of 4 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = (state, (1, 2, 3, 0)[state], (2, 3, 0, 1)[state], (3, 0, 1, 2)[state])[x]
        ys.append(state)
    return ys

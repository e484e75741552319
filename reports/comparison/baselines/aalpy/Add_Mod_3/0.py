def program(xs):
    """Add_Mod_3: a machine of 3 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = (state, (1, 2, 0)[state], (2, 0, 1)[state])[x]
        ys.append(state)
    return ys

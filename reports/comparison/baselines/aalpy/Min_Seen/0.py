def program(xs):
    """Min_Seen: a machine of 10 states, learnt by asking for words."""
    state = 9
    ys = []
    for x in xs:
        state = state if state < x else x
        ys.append(state)
    return ys

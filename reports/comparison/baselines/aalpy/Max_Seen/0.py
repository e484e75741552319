def program(xs):
    """Max_Seen: a machine of 100 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = x if state < x else state
        ys.append(state)
    return ys

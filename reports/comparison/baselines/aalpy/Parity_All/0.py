def program(xs):
    """Parity_All: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = 0 if state == x else 1
        ys.append(state)
    return ys

def program(xs):
    """Parity_Zeros: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        state = 1 if state == x else 0
        ys.append(state)
    return ys

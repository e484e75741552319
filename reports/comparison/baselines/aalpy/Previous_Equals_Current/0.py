def program(xs):
    """Previous_Equals_Current: a machine of 8 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(1 if state == x else 0)
        state = x
    return ys

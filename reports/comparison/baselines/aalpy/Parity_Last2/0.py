def program(xs):
    """Parity_Last2: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(0 if state == x else 1)
        state = x
    return ys

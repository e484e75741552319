def program(xs):
    """Bit_Shift_Right: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(state)
        state = x
    return ys

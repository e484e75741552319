def program(xs):
    """Parity_Bits_Mod2: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(state)
        state = (1, 0)[state]
    return ys

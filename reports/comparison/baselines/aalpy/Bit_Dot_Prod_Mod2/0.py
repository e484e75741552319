def program(xs):
    """Bit_Dot_Prod_Mod2: a machine of 2 states, learnt by asking for words."""
    state = 0
    ys = []
    for x0, x1 in xs:
        state = (state, 0 if state == x0 else 1)[x1]
        ys.append(state)
    return ys

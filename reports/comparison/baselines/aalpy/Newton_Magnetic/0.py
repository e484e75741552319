def program(xs):
    """Newton_Magnetic: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x0, x1 in xs:
        ys.append((x0, x1))
    return ys

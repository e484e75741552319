def program(xs):
    """Sum_All: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x in xs:
        ys.append(x)
    return ys

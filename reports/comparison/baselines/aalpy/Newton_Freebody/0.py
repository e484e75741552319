def program(xs):
    """Newton_Freebody: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x in xs:
        ys.append(x)
    return ys

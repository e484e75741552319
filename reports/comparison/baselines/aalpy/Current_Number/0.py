def program(xs):
    """Current_Number: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x in xs:
        ys.append(x)
    return ys

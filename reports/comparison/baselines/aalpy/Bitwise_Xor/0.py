def program(xs):
    """Bitwise_Xor: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x0, x1 in xs:
        ys.append(0 if x1 == x0 else 1)
    return ys

def program(xs):
    """Newton_Gravity: a machine of 1 states, learnt by asking for words."""
    ys = []
    for x in xs:
        ys.append(((((-11, -10, -9)[x + 10] if x <= -8 else (-8, -7, -6, -5, -4, -3, -2, -1)[x + 7]) if x <= 0 else 0) if x <= 1 else 1) if x <= 2 else (2, 3, 4, 5, 6, 7, 8, 9)[x - 3])
    return ys

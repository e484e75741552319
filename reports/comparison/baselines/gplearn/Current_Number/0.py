def program(xs):
    """Current_Number: fitted to 100 words."""
    ys = []
    for x in xs:
        ys.append(round(abs(x)))
    return ys

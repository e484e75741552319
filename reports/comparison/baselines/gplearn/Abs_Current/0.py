def program(xs):
    """Abs_Current: fitted to 100 words."""
    ys = []
    for x in xs:
        ys.append(round(abs(x)))
    return ys

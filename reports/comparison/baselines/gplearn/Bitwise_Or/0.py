def program(xs):
    """Bitwise_Or: fitted to 100 words."""
    ys = []
    for x0, x1 in xs:
        ys.append(round(max(x0, x1)))
    return ys

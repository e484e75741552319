def program(xs):
    """Bitwise_And: fitted to 100 words."""
    ys = []
    for x0, x1 in xs:
        ys.append(round(x0 * (-(-abs(x1)))))
    return ys

def program(xs):
    return [abs(x) for x in xs]

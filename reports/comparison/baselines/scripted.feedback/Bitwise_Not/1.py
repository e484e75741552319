def program(xs):
    return [1 - x for x in xs]

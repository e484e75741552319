def program(xs):
    return [x + y for x, y in zip(xs, [0, *xs])]

def program(xs):
    return [a ^ b for a, b in xs]

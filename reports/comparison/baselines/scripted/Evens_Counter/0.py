def program(xs):
    return list(xs)

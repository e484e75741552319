def program(xs):
    return [sum(xs[: i + 1]) % 2 for i in range(len(xs))]

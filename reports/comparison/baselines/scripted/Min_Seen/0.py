def program(xs):
    return [min(xs[: i + 1]) for i in range(len(xs))]

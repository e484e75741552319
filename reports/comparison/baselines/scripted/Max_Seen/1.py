def program(xs):
    return [max(xs[: i + 1]) for i in range(len(xs))]

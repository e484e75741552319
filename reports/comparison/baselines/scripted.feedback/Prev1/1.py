def program(xs):
    return [0, *xs][: len(xs)]

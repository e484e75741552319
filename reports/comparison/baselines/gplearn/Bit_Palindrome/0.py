def div(a, b):
    return a / b if abs(b) > 0.001 else 1


def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Bit_Palindrome: fitted to 100 words."""
    time = sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        ys.append(round(div(div(div(mod(div(mod(time, sum_x), time), sum_x), time), time), sum_x)))
        time = time + 1
    return ys

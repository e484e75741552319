def mod(a, b):
    return round(a) % (round(b) or 1)


def program(xs):
    """Add_Mod_5: fitted to 100 words."""
    sum_x = 0
    ys = []
    for x in xs:
        sum_x = sum_x + x
        ys.append(round(mod(max(mod(min(sum_x, 2), (-5) * (-5)), sum_x), 5)))
    return ys

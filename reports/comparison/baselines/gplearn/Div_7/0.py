def program(xs):
    """Div_7: fitted to 100 words."""
    x_6 = x_5 = x_4 = x_3 = x_2 = x_1 = 0
    ys = []
    for x in xs:
        ys.append(round(abs(min(max(x_1 - x_3, x_5), abs(x_6 - abs(max(x_2, x_5))) - x_3))))
        x_6, x_5, x_4, x_3, x_2, x_1 = x_5, x_4, x_3, x_2, x_1, x
    return ys

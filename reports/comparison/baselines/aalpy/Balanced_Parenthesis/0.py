def program(xs):
    """Balanced_Parenthesis: a machine of 20 states, learnt by asking for words."""
    state = 0
    ys = []
    for x in xs:
        ys.append(state if state <= x else 0)
        state = 2 if state == 2 else (3, 0)[x] if state == 1 else 1 if state == x else 2 if state <= 0 else (((0, 0, 0, 4, 5, 6, 7, 8)[state], (0, 0, 0, 1, 3, 4, 5, 6)[state])[x] if state <= 7 else ((9, 10, 11, 12, 13, 14)[state - 8], (7, 8, 9, 10, 11, 12)[state - 8])[x]) if state <= 13 else ((15, 16, 17, 18, 19, 2)[state - 14], (13, 14, 15, 16, 17, 18)[state - 14])[x]
    return ys

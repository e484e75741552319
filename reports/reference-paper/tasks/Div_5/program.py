def program(xs):
    """Div_5, distilled from a network with hidden size 4 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    state = state_2 = -1
    state_3 = 0
    ys = []
    for x in xs:
        total = state + state_2
        next_state_3 = (state == 2) + (state == x)
        next_state = int(x <= state if state_2 % 5 <= x else state_2 + x if max(state, x) == state_3 else 0 - x if state_3 else abs(total))
        next_state_2 = state * state_2 if state_3 < x else 2 - state if state // 2 == x else state_3 - 1 if state == state_2 else total
        ys.append((next_state + next_state_2 + x) % 2)
        state, state_2, state_3 = next_state, next_state_2, next_state_3
    return ys

def program(xs):
    """Div_7, distilled from a network with hidden size 8 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = state = parity = 0
    ys = []
    for x in xs:
        next_remainder = (parity + 2 * state + x - 2 * remainder) % 7 // 2 % 2
        next_state = int(state == x if parity else (remainder == x) < max(state, x))
        value = remainder * parity
        next_parity = remainder ^ value ^ state * parity ^ remainder * state * x ^ value * x
        ys.append((next_remainder if next_parity else next_state) ^ x)
        remainder, state, parity = next_remainder, next_state, next_parity
    return ys

def program(xs):
    """Div_7, distilled from a network with hidden size 8 and accuracy 1 (seed 0).

    Verdict: proved equal to the reference for inputs of every length.
    """
    remainder = flag = flag_2 = 0
    ys = []
    for x in xs:
        total = 2 * remainder - 2 * flag - flag_2 - x
        next_flag = int((flag or flag_2 or x) and (not remainder or not x) and (remainder or x or not flag) and (flag or not flag_2 or not x))
        next_flag_2 = int(flag and flag_2 or remainder and x and not flag or remainder and not flag_2 and not x)
        next_remainder = max(abs(total) // 2, total) % 2
        ys.append(flag_2 + remainder * flag * x)
        remainder, flag, flag_2 = next_remainder, next_flag, next_flag_2
    return ys

"""The 62 step functions against array definitions written independently of them, and the roster itself."""

from dataclasses import replace

import numpy as np
import pytest
from benchmark_words import DEFINITIONS, TASKS, all_words, as_words

from mips import Task
from mips.tasks.dataset import sample

ROSTER = """
Binary_Addition 2 0 1 10 1
Base_3_Addition 2 0 2 10 1
Base_4_Addition 2 0 3 10 1
Base_5_Addition 2 0 4 10 1
Base_6_Addition 2 0 5 10 1
Base_7_Addition 2 0 6 10 1
Bitwise_Xor 2 0 1 10 1
Bitwise_Or 2 0 1 10 1
Bitwise_And 2 0 1 10 1
Bitwise_Not 1 0 1 10 1
Parity_Last2 1 0 1 10 1
Parity_Last3 1 0 1 10 1
Parity_Last4 1 0 1 10 1
Parity_All 1 0 1 10 1
Parity_Zeros 1 0 1 10 1
Evens_Counter 1 0 9 10 1
Sum_All 1 0 99 10 1
Sum_Last2 1 0 99 10 1
Sum_Last3 1 0 99 10 1
Sum_Last4 1 0 99 10 1
Sum_Last5 1 0 99 20 1
Sum_Last6 1 0 99 20 1
Sum_Last7 1 0 99 20 1
Current_Number 1 0 99 10 1
Prev1 1 0 99 10 1
Prev2 1 0 99 10 1
Prev3 1 0 99 10 1
Prev4 1 0 99 10 1
Prev5 1 0 99 20 1
Previous_Equals_Current 1 0 7 10 1
Diff_Last2 1 -100 99 10 1
Abs_Diff 1 -100 99 10 1
Abs_Current 1 -100 99 10 1
Diff_Abs_Values 1 -100 99 10 1
Min_Seen 1 0 9 10 1
Max_Seen 1 0 99 10 1
Majority_0_1 1 0 1 10 1
Majority_0_2 1 0 2 10 1
Majority_0_3 1 0 3 10 1
Evens_Detector 1 0 9 10 1
Perfect_Square_Detector 1 0 19 10 1
Bit_Palindrome 1 0 1 10 1
Balanced_Parenthesis 1 0 1 10 1
Parity_Bits_Mod2 1 0 1 10 1
Alternating_Last3 1 0 1 10 1
Alternating_Last4 1 0 1 10 1
Bit_Shift_Right 1 0 1 10 1
Bit_Dot_Prod_Mod2 2 0 1 10 1
Div_3 1 0 1 10 1
Div_5 1 0 1 10 1
Div_7 1 0 1 10 1
Add_Mod_3 1 0 2 10 1
Add_Mod_4 1 0 3 10 1
Add_Mod_5 1 0 4 10 1
Add_Mod_6 1 0 5 10 1
Add_Mod_7 1 0 6 10 1
Add_Mod_8 1 0 7 10 1
Dithering 1 0 15 10 1
Newton_Freebody 1 -10 10 10 1
Newton_Gravity 1 -10 10 10 1
Newton_Spring 1 -10 10 10 1
Newton_Magnetic 2 -10 10 10 2
"""  # name, width, lowest and highest number, training length, ints an output


BY_NAME = {task.name: task for task in TASKS}


def first_difference(task: Task) -> list | None:
    """Return a word on which the task and the definition of its name differ, if one is found."""
    lengths = sorted({1, 2, task.length, 2 * task.length})
    batches = [sample(task, count=200, seed=7, length=length).inputs for length in lengths]
    for inputs in [all_words(task), *batches]:
        words = as_words(task, inputs)
        actual = np.array([task.run(word) for word in words])
        expected = DEFINITIONS[task.name](inputs[..., 0] if task.inputs.width == 1 else inputs)
        assert actual.shape == expected.shape
        wrong = (actual != expected).reshape(len(words), -1).any(axis=1)
        if wrong.any():
            return words[int(wrong.argmax())]
    return None


def test_the_roster_is_complete_and_every_name_unique():
    found = [
        f"{task} {task.inputs.width} {task.inputs.low} {task.inputs.high} {task.length} {task.output_width}"
        for task in TASKS
    ]
    assert len(found) == 62
    assert sorted(found) == sorted(ROSTER.split("\n")[1:-1])
    assert len(BY_NAME) == 62


def test_every_task_has_one_line_about_it():
    assert [task.name for task in TASKS if not task.about or "\n" in task.about] == []


def test_only_bit_palindrome_draws_special_inputs():
    assert [task.name for task in TASKS if task.sample is not None] == ["Bit_Palindrome"]


def test_bit_palindrome_draws_a_palindrome_first():
    inputs = sample(BY_NAME["Bit_Palindrome"], count=2000, seed=0).inputs[..., 0]
    lengths = [{size for size in range(2, 11) if (word[:size] == word[:size][::-1]).all()} for word in inputs]
    assert all(lengths)
    assert sum(10 in sizes for sizes in lengths) > 2000 / 9  # the length is 10 in one draw of nine
    assert {tuple(word[:2]) for word in inputs} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert sum(tuple(word[-3:]) == (1, 0, 1) for word in inputs) > 100  # what follows is free


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_step_function_agrees_with_the_array_definition(task):
    assert first_difference(task) is None


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_a_fault_on_the_largest_input_is_found(task):
    largest = task.inputs.constant(task.inputs.high)

    def faulty(state, x):
        state, y = task.step(state, x)
        return state, y if x != largest else y + 1 if task.output_width == 1 else (y[0], y[1] + 1)

    assert first_difference(replace(task, step=faulty)) is not None


FINITE = {
    "Binary_Addition": 2,
    **{f"Base_{base}_Addition": 2 for base in range(3, 8)},
    **dict.fromkeys(("Bitwise_Xor", "Bitwise_Or", "Bitwise_And", "Bitwise_Not", "Current_Number", "Abs_Current"), 1),
    **dict.fromkeys(("Evens_Detector", "Perfect_Square_Detector"), 1),
    **{f"Parity_Last{count}": 2 ** (count - 1) for count in (2, 3, 4)},
    **dict.fromkeys(("Parity_All", "Parity_Zeros", "Parity_Bits_Mod2", "Bit_Dot_Prod_Mod2", "Bit_Shift_Right"), 2),
    **{"Previous_Equals_Current": 8, "Min_Seen": 10, "Max_Seen": 100, "Prev1": 100, "Sum_Last2": 100},
    **{"Diff_Last2": 200, "Abs_Diff": 200, "Diff_Abs_Values": 101},
    **{"Alternating_Last3": 4, "Alternating_Last4": 8},
    **{f"Div_{divisor}": divisor for divisor in (3, 5, 7)},
    **{f"Add_Mod_{modulus}": modulus for modulus in range(3, 9)},
    "Dithering": 15,
}


@pytest.mark.parametrize(("name", "states"), FINITE.items())
def test_a_task_of_finite_memory_reaches_the_least_number_of_states(name, states):
    task = BY_NAME[name]
    reached, frontier = {task.start}, [task.start]
    while frontier and len(reached) <= states:
        successors = {task.step(state, x)[0] for state in frontier for x in task.inputs.symbols()}
        frontier = list(successors - reached)
        reached |= successors
    assert len(reached) == states


def ties_to_the_largest(counts, x):
    counts = (*counts[:x], counts[x] + 1, *counts[x + 1 :])
    return counts, max(range(len(counts)), key=lambda number: (counts[number], number))


def moves_before_it_accelerates(motion, force):
    velocity, position = motion
    position = position + velocity
    return (velocity + force, position), position


def forgives(depth, bracket):
    depth += 1 - 2 * bracket
    return depth, int(depth == 0)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Previous_Equals_Current", {"start": -1}),
        ("Parity_Bits_Mod2", {"start": 1}),
        ("Binary_Addition", {"start": 1}),
        ("Base_7_Addition", {"start": 1}),
        ("Sum_Last4", {"start": (0,) * 4}),
        ("Sum_Last7", {"start": (0,) * 5}),
        ("Prev5", {"start": (0,) * 6}),
        ("Diff_Last2", {"start": 1}),
        ("Min_Seen", {"start": 8}),
        ("Max_Seen", {"start": 1}),
        ("Alternating_Last3", {"start": (1, 0)}),
        ("Div_7", {"start": 1}),
        ("Add_Mod_8", {"start": 1}),
        ("Dithering", {"start": 1}),
        ("Newton_Gravity", {"start": (1, 0)}),
        ("Newton_Magnetic", {"start": (0, 0, 0, 1)}),
        ("Majority_0_1", {"step": ties_to_the_largest}),
        ("Majority_0_3", {"step": ties_to_the_largest}),
        ("Newton_Freebody", {"step": moves_before_it_accelerates}),
        ("Balanced_Parenthesis", {"step": forgives}),
    ],
)
def test_a_subtle_fault_is_found(name, changes):
    assert first_difference(replace(BY_NAME[name], **changes)) is not None


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("Binary_Addition", [(1, 1), (0, 0), (1, 1)], [0, 1, 0]),
        ("Base_3_Addition", [(2, 2), (2, 2), (0, 0), (0, 0)], [1, 2, 1, 0]),
        ("Base_7_Addition", [(6, 6), (6, 6), (0, 1)], [5, 6, 2]),
        ("Bitwise_Xor", [(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0]),
        ("Bitwise_Or", [(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 1]),
        ("Bitwise_And", [(0, 0), (0, 1), (1, 0), (1, 1)], [0, 0, 0, 1]),
        ("Bitwise_Not", [0, 1], [1, 0]),
        ("Parity_Last2", [1, 1, 0, 0], [1, 0, 1, 0]),
        ("Parity_Last4", [1, 0, 0, 0, 0], [1, 1, 1, 1, 0]),
        ("Parity_All", [1, 1, 0, 1], [1, 0, 0, 1]),
        ("Parity_Zeros", [1, 0, 0, 1], [0, 1, 0, 0]),
        ("Evens_Counter", [0, 1, 2, 9, 8], [1, 1, 2, 2, 3]),
        ("Sum_Last2", [5, 7, 1], [5, 12, 8]),
        ("Current_Number", [4, 2], [4, 2]),
        ("Prev1", [4, 2, 9], [0, 4, 2]),
        ("Prev3", [4, 2, 9, 1, 1], [0, 0, 0, 4, 2]),
        ("Previous_Equals_Current", [0, 0, 3, 3], [1, 1, 0, 1]),
        ("Previous_Equals_Current", [7, 7], [0, 1]),
        ("Diff_Last2", [-5, 3], [-5, 8]),
        ("Abs_Diff", [-5, 3, 3], [5, 8, 0]),
        ("Abs_Current", [-5, 3], [5, 3]),
        ("Diff_Abs_Values", [-5, 3, -3], [5, -2, 0]),
        ("Min_Seen", [9, 8, 9, 0], [9, 8, 8, 0]),
        ("Max_Seen", [0, 5, 3, 99], [0, 5, 5, 99]),
        ("Majority_0_1", [1, 0, 1], [1, 0, 1]),
        ("Majority_0_3", [3, 2, 3, 2, 0, 0], [3, 2, 3, 2, 2, 0]),
        ("Evens_Detector", [0, 1, 8], [1, 0, 1]),
        ("Perfect_Square_Detector", [0, 1, 2, 4, 9, 15, 16, 18], [1, 1, 0, 1, 1, 0, 1, 0]),
        ("Bit_Palindrome", [1], [1]),
        ("Bit_Palindrome", [0, 1, 0, 0, 1, 0], [1, 0, 1, 0, 0, 1]),
        ("Balanced_Parenthesis", [0, 1, 0, 0, 1, 1], [0, 1, 0, 0, 0, 1]),
        ("Balanced_Parenthesis", [1, 0, 0, 1], [0, 0, 0, 0]),
        ("Balanced_Parenthesis", [0, 1, 1, 0, 0, 1], [0, 1, 0, 0, 0, 0]),
        ("Parity_Bits_Mod2", [1, 1, 0, 0], [0, 1, 0, 1]),
        ("Alternating_Last3", [1, 0, 1, 1], [0, 1, 1, 0]),
        ("Alternating_Last3", [0, 1, 0], [0, 0, 1]),
        ("Alternating_Last4", [1, 0, 1, 0], [0, 0, 1, 1]),
        ("Bit_Shift_Right", [1, 0, 1], [0, 1, 0]),
        ("Bit_Dot_Prod_Mod2", [(1, 1), (0, 1), (1, 1)], [1, 1, 0]),
        ("Div_3", [1, 1, 0, 1], [0, 1, 0, 0]),
        ("Div_5", [1, 0, 1, 0], [0, 0, 1, 0]),
        ("Div_7", [1, 1, 1, 1], [0, 0, 1, 0]),
        ("Add_Mod_3", [2, 2, 2], [2, 1, 0]),
        ("Add_Mod_8", [7, 7], [7, 6]),
        ("Dithering", [15, 0, 14, 1, 8, 8], [1, 0, 0, 1, 0, 1]),
        ("Newton_Freebody", [1, 0, 0], [1, 2, 3]),
        ("Newton_Gravity", [0, 0, 0], [-1, -3, -6]),
        ("Newton_Spring", [1, 0, 0, 0], [1, 1, 0, -1]),
        ("Newton_Magnetic", [(1, 0), (0, 0), (0, 0)], [(1, 0), (2, 1), (2, 3)]),
    ],
)
def test_first_steps(name, inputs, outputs):
    assert BY_NAME[name].run(inputs) == outputs

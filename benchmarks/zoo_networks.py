"""What `benchmarks.zoo` trains: tasks as finite automata, seven kinds of networks in plain torch, and the training."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

import mips
from mips.networks.network import Ints
from mips.tasks.alphabets import Alphabet, all_numbers, symbol_of

HIDDEN = 32  # units: enough for the largest task, a counter of five
LENGTH, FIRST_LENGTH = 20, 4  # symbols of the longest and of the first training words
BATCH = 64  # words a step
MOST_STEPS = {"transformer": 800, "ssm": 1200}  # steps of training
OTHER_STEPS = 1500  # of the other kinds, which are about twice as fast
RATE = 5e-3  # of Adam; half of it for the transformer, which is unstable above
LOOK_EVERY = 25  # steps between two looks at fresh words
LONGER = 0.98  # share of right answers from which on words become longer
SMALL_LOSS = 0.02  # nats an answer: below it right answers have a margin, so that they stay right on longer words
TEST_WORDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ZooTask:
    """A task with finitely many states: `step(state, symbol)` returns the next state and the answer, a class from 0.

    `sample(rng, length)` draws a word, as places in the alphabet, where random words would show too little.
    """

    name: str
    inputs: Alphabet
    start: Hashable
    step: Callable[[Any, Any], tuple[Any, int]]
    sample: Callable[[np.random.Generator, int], list[int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Automaton:
    """The table of a task: `after` and `said`, both (states, symbols); the start is state 0."""

    after: Ints
    said: Ints

    def run(self, words: Ints) -> Ints:
        """Return the answers (count, length) on words (count, length) of places in the alphabet."""
        state, found = np.zeros(len(words), dtype=np.int64), []
        for symbols in words.T:
            found.append(self.said[state, symbols])
            state = self.after[state, symbols]
        return np.stack(found, axis=1)


def automaton(task: ZooTask) -> Automaton:
    """Return the table of a task, its states in the order in which words lead to them."""
    symbols = [symbol_of(task.inputs, numbers) for numbers in all_numbers(task.inputs)]
    order: list[Hashable] = [task.start]
    after, said = [], []
    for state in order:
        pairs = [task.step(state, symbol) for symbol in symbols]
        order += dict.fromkeys(target for target, _ in pairs if target not in order)
        after.append([order.index(target) for target, _ in pairs])
        said.append([answer for _, answer in pairs])
    return Automaton(after=np.array(after), said=np.array(said))


def _dyck(depth: int, x: str) -> tuple[int, int]:
    deeper = depth + (1 if x == "open" else -1)
    depth = deeper if depth >= 0 and 0 <= deeper <= 2 else -1  # -1: no word goes on from here
    return depth, int(depth == 0)


def _dyck_word(rng: np.random.Generator, length: int) -> list[int]:
    """Return a word that stays among those of depth 2 but for one symbol in twenty."""
    depth, word = 0, []
    for _ in range(length):
        opens = depth == 0 or (depth == 1 and rng.random() < 0.5)
        opens = opens != (rng.random() < 0.05)
        word.append(0 if opens else 1)
        depth = min(2, max(0, depth + (1 if opens else -1)))
    return word


def _alternation(state: tuple[str, int], x: str) -> tuple[tuple[str, int], int]:
    before, good = ("", 1) if x == "new" else state
    good = int(good and x != before)
    return (("" if x == "new" else x), good), good


def _addition(carry: int, x: tuple[int, int]) -> tuple[int, int]:
    return divmod(carry + sum(x), 2)


def _depth(depth: int, x: str) -> tuple[int, int]:
    depth = min(3, max(0, depth + {"push": 1, "pop": -1}.get(x, 0)))
    return depth, depth


def _account(total: int, x: tuple[str, int]) -> tuple[int, int]:
    total = (total + (x[1] if x[0] == "add" else -x[1])) % 3
    return total, total


BITS = mips.integers(0, 1)
TASKS = (
    ZooTask(name="parity", inputs=BITS, start=0, step=lambda s, x: (s ^ x, s ^ x)),
    ZooTask(name="sum mod 3", inputs=mips.integers(0, 2), start=0, step=lambda s, x: ((s + x) % 3,) * 2),
    ZooTask(name="sum mod 5", inputs=mips.integers(0, 4), start=0, step=lambda s, x: ((s + x) % 5,) * 2),
    ZooTask(name="last but one", inputs=mips.integers(0, 3), start=0, step=lambda s, x: (x, s)),
    ZooTask(name="Dyck, depth 2", inputs=mips.symbols("open close"), start=0, step=_dyck, sample=_dyck_word),
    ZooTask(
        name="flip-flop",
        inputs=mips.symbols("set reset keep"),
        start=0,
        step=lambda s, x: ({"set": 1, "reset": 0}.get(x, s),) * 2,
    ),
    ZooTask(
        name="b after even a's",
        inputs=mips.symbols("a b c"),
        start=0,
        step=lambda s, x: (s ^ (x == "a"), int(x == "b" and not s)),
    ),
    ZooTask(name="alternation", inputs=mips.symbols("a b new"), start=("", 1), step=_alternation),
    ZooTask(
        name="majority of last 3",
        inputs=BITS,
        start=(0, 0),
        step=lambda s, x: ((s[1], x), int(sum(s) + x >= 2)),
    ),
    ZooTask(
        name="counter mod 4",
        inputs=mips.symbols("tick reset"),
        start=0,
        step=lambda s, x: ((s + 1) % 4 if x == "tick" else 0,) * 2,
    ),
    ZooTask(name="addition", inputs=mips.integers(0, 1, width=2), start=0, step=_addition),
    ZooTask(name="stack depth", inputs=mips.symbols("push pop look"), start=0, step=_depth),
    ZooTask(
        name="account mod 3",
        inputs=mips.product(mips.symbols("add sub"), mips.integers(0, 2)),
        start=0,
        step=_account,
    ),
)


class StateSpace(nn.Module):
    """A diagonal linear state-space model on whole words: a symbol says how each complex state is turned and shrunk."""

    def __init__(self, size: int, classes: int) -> None:
        super().__init__()
        self.given = nn.Linear(size, 4 * HIDDEN)
        self.read = nn.Sequential(nn.Linear(2 * HIDDEN, 2 * HIDDEN), nn.ReLU(), nn.Linear(2 * HIDDEN, classes))

    def forward(self, words: Tensor) -> Tensor:
        """Return outputs (words, length, classes) on words (words, length, size)."""
        real, imaginary, shrink, angle = self.given(words).chunk(4, dim=-1)
        length = torch.sigmoid(shrink + 2)  # near 1 at first, so that what was long ago is heard
        across, along = length * torch.cos(2 * angle), length * torch.sin(2 * angle)
        left, right, found = torch.zeros_like(real[:, 0]), torch.zeros_like(real[:, 0]), []
        for t in range(words.shape[1]):
            left, right = (
                across[:, t] * left - along[:, t] * right + real[:, t],
                along[:, t] * left + across[:, t] * right + imaginary[:, t],
            )
            found.append(torch.cat([left, right], dim=-1))
        outputs: Tensor = self.read(torch.stack(found, dim=1))
        return outputs


class Block(nn.Module):
    """A layer of a causal transformer; what is farther back weighs less, by a slope for each head (none for one)."""

    def __init__(self, wide: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(wide), nn.LayerNorm(wide)
        self.given, self.taken = nn.Linear(wide, 3 * wide), nn.Linear(wide, wide)
        self.inner = nn.Sequential(nn.Linear(wide, 2 * wide), nn.ReLU(), nn.Linear(2 * wide, wide))

    def forward(self, values: Tensor) -> Tensor:
        """Return values (words, length, wide)."""
        count, length, wide = values.shape
        parts = self.given(self.before(values)).reshape(count, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        back = torch.arange(length, device=values.device)
        back = (back[:, None] - back[None]).to(values.dtype)
        slopes = torch.tensor([2.0 * 0.5**head for head in range(self.heads - 1)] + [0.0], device=values.device)
        mask = (-slopes.to(values.dtype)[:, None, None] * back).masked_fill(back < 0, -torch.inf)
        asks, keys, contents = parts
        heard = functional.scaled_dot_product_attention(asks, keys, contents, attn_mask=mask)
        values = values + self.taken(heard.transpose(1, 2).reshape(count, length, wide))
        outputs: Tensor = values + self.inner(self.after(values))
        return outputs


class Transformer(nn.Module):
    """A small causal transformer on whole words of indices."""

    def __init__(self, symbols: int, classes: int, *, wide: int = HIDDEN, layers: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, wide)
        self.blocks = nn.Sequential(*(Block(wide, heads) for _ in range(layers)))
        self.head = nn.Sequential(nn.LayerNorm(wide), nn.Linear(wide, classes))

    def forward(self, words: Tensor) -> Tensor:
        """Return outputs (words, length, classes) on words (words, length)."""
        outputs: Tensor = self.head(self.blocks(self.embedding(words)))
        return outputs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A network to train: its parts as `mips.from_torch` takes them, and whether it reads indices or one-hot rows."""

    module: nn.Module
    head: nn.Module | None = None
    embedding: nn.Module | None = None
    reads_indices: bool = False

    @property
    def parts(self) -> list[nn.Module]:
        """The parts that there are."""
        return [part for part in (self.module, self.head, self.embedding) if part is not None]

    def outputs(self, given: Tensor) -> Tensor:
        """Return outputs (words, length, classes) on one-hot words (words, length, size), or on indices."""
        outputs = self.module(given if self.embedding is None else self.embedding(given))
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        found: Tensor = outputs if self.head is None else self.head(outputs)
        return found


def _rnn(kind: str) -> Callable[[int, int, int], Made]:
    def made(size: int, symbols: int, classes: int) -> Made:
        module = nn.RNN(size, HIDDEN, nonlinearity=kind, batch_first=True)
        if kind == "relu":  # Le, Jaitly and Hinton, 2015: a unit matrix at first, so that nothing dies out
            nn.init.eye_(module.get_parameter("weight_hh_l0"))
        return Made(module=module, head=nn.Linear(HIDDEN, classes))

    return made


def _lstm_2(size: int, symbols: int, classes: int) -> Made:
    module, embedding = nn.LSTM(8, HIDDEN, num_layers=2, batch_first=True), nn.Embedding(symbols, 8)
    return Made(module=module, head=nn.Linear(HIDDEN, classes), embedding=embedding, reads_indices=True)


KINDS: dict[str, Callable[[int, int, int], Made]] = {  # of numbers one-hot, symbols and classes
    "tanh": _rnn("tanh"),
    "relu": _rnn("relu"),
    "gru": lambda size, _, classes: Made(
        module=nn.GRU(size, HIDDEN, batch_first=True), head=nn.Linear(HIDDEN, classes)
    ),
    "lstm": lambda size, _, classes: Made(
        module=nn.LSTM(size, HIDDEN, batch_first=True), head=nn.Linear(HIDDEN, classes)
    ),
    "lstm-2": _lstm_2,
    "ssm": lambda size, _, classes: Made(module=StateSpace(size, classes)),
    "transformer": lambda _, symbols, classes: Made(module=Transformer(symbols, classes), reads_indices=True),
}


def one_hot_blocks(inputs: Alphabet) -> NDArray[np.float32]:
    """Return a row for each symbol: one-hot, a block for each of its parts, as encode="one-hot" has it."""
    numbers = np.array(all_numbers(inputs))
    parts = zip(inputs.parts, (numbers - numbers.min(axis=0)).T, strict=True)
    return np.concatenate([np.eye(part.count, dtype=np.float32)[column] for part, column in parts], axis=1)


def drawn(task: ZooTask, count: int, length: int, rng: np.random.Generator) -> Ints:
    """Return words (count, length) of places in the alphabet; each has its own frequencies of symbols."""
    symbols = task.inputs.count
    shares = rng.dirichlet(np.ones(symbols), count)
    words: Ints = (rng.random((count, length, 1)) > shares.cumsum(axis=1)[:, None]).sum(axis=2).clip(max=symbols - 1)
    words[::2] = rng.integers(0, symbols, words[::2].shape)
    if task.sample is not None:
        words[1::2] = np.stack([task.sample(rng, length) for _ in words[1::2]])
    return words


def trained(task: ZooTask, kind: str, seed: int, *, most_steps: int | None = None) -> tuple[Made, float, int]:
    """Return a network of a kind that was trained on a task, its share of right answers on fresh words, and the steps.

    Words grow from FIRST_LENGTH to LENGTH symbols; training ends where fresh words of twice LENGTH are answered well.
    """
    torch.manual_seed(seed)
    rng, table = np.random.default_rng(seed), automaton(task)
    rows = one_hot_blocks(task.inputs)
    made = KINDS[kind](rows.shape[1], task.inputs.count, int(table.said.max()) + 1)
    weights = [weight for part in made.parts for weight in part.parameters()]
    optimizer = torch.optim.Adam(weights, lr=RATE / (2 if kind == "transformer" else 1))

    def outputs(words: Ints) -> Tensor:
        return made.outputs(torch.from_numpy(words if made.reads_indices else rows[words]))

    most, length, steps = most_steps or MOST_STEPS.get(kind, OTHER_STEPS), FIRST_LENGTH, 0
    while steps < most:
        for _ in range(LOOK_EVERY):
            words = drawn(task, BATCH, length, rng)
            expected = torch.from_numpy(table.run(words)).flatten()
            loss = functional.cross_entropy(outputs(words).flatten(0, 1), expected)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            steps += 1
        right, loss_now = _looked_at(outputs, drawn(task, 2 * BATCH, 2 * length, rng), table)
        if length == LENGTH and right == 1 and loss_now < SMALL_LOSS:
            break
        right, _ = _looked_at(outputs, drawn(task, 2 * BATCH, length, rng), table)
        length = min(LENGTH, 2 * length) if right > LONGER else length
    for part in made.parts:
        part.eval()
    right, _ = _looked_at(outputs, drawn(task, TEST_WORDS, LENGTH, rng), table)
    return made, right, steps


def _looked_at(outputs: Callable[[Ints], Tensor], words: Ints, table: Automaton) -> tuple[float, float]:
    """Return the share of right answers on words, and the loss."""
    expected = torch.from_numpy(table.run(words))
    with torch.no_grad():
        found = outputs(words)
        loss = functional.cross_entropy(found.flatten(0, 1), expected.flatten())
    return float((found.argmax(dim=-1) == expected).double().mean()), float(loss)

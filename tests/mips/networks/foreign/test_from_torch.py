"""Modules of torch and their weights answer as torch does on whole words, and nothing of the module changes."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

import mips
from mips.networks import recurrent
from mips.networks.foreign import whole_words
from mips.networks.foreign.errors import ForeignNetworkError

COUNT, LENGTH, LETTERS, CLASSES = 12, 7, 3, 4
WORDS = np.random.default_rng(0).integers(0, LETTERS, (COUNT, LENGTH, 1))
ALPHABET = mips.integers(0, LETTERS - 1)

RECURRENT: dict[str, Any] = {
    "tanh": functools.partial(nn.RNN, nonlinearity="tanh"),
    "relu": functools.partial(nn.RNN, nonlinearity="relu"),
    "gru": nn.GRU,
    "lstm": nn.LSTM,
    "projected": functools.partial(nn.LSTM, proj_size=5),
}
FORMS = [
    *({"kind": kind, "num_layers": layers, "batch_first": bool(layers % 2)} for kind in RECURRENT for layers in (1, 2)),
    *({"kind": kind, "num_layers": 3, "bias": False, "batch_first": True} for kind in RECURRENT),
]


def made(kind: str, *, size: int = LETTERS, dtype: Any = torch.float32, **options: Any) -> tuple[Any, Any]:
    """Return a recurrent module and a head for it, with large random weights."""
    torch.manual_seed(1)
    module = RECURRENT[kind](size, 8, dtype=dtype, **options)
    head = nn.Linear(getattr(module, "proj_size", 0) or 8, CLASSES, dtype=dtype)
    with torch.no_grad():
        for weight in (*module.parameters(), *head.parameters()):
            weight.mul_(2.5)
    return module.eval(), head


def outputs_of_torch(module: Any, head: Any, encoded: Any) -> np.ndarray:
    """Return what torch computes on whole words (words, length, ...)."""
    with torch.no_grad():
        given = encoded if module.batch_first else encoded.transpose(0, 1)
        hidden, _ = module(given)
        return head(hidden if module.batch_first else hidden.transpose(0, 1)).numpy()


def one_hot(dtype: Any = torch.float32) -> Any:
    return torch.eye(LETTERS, dtype=dtype)[torch.from_numpy(WORDS[..., 0])]


def outputs_of(network: Any) -> np.ndarray:
    """Return the outputs of a network, not decoded, stepped through the words."""
    from mips.networks.foreign.encoding import encoder

    states, found = network.start(COUNT), []
    for t in range(LENGTH):
        states = network.step(states, WORDS[:, t])
        found.append(network.outputs(states))
    assert encoder(network.encode, ALPHABET, network.core.takes) is not None
    return np.stack(found, axis=1)


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch says so itself, once
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_kind_of_module_answers_as_torch_does(form: dict[str, Any], tmp_path: Path) -> None:
    module, head = made(**form)
    expected = outputs_of_torch(module, head, one_hot())
    whole = nn.ModuleDict({"rnn": module, "fc": head}).state_dict()
    torch.save(whole, tmp_path / "net.pt")
    safetensors.torch.save_file(whole, tmp_path / "net.safetensors")
    cell = form["kind"] if form["kind"] != "projected" else "lstm"
    told = {"encode": "one-hot", "decode": "argmax"}
    for network in (
        mips.from_torch(module, head, **told),
        mips.from_state_dict(whole, cell=cell, **told),
        mips.from_state_dict(tmp_path / "net.pt", cell=cell, **told),
        mips.from_state_dict(tmp_path / "net.safetensors", cell=cell, **told),
    ):
        assert np.abs(outputs_of(network) - expected).max() < 1e-5 * np.abs(expected).max()
        assert np.array_equal(answers(network), expected.argmax(axis=2)[..., None])
    assert np.ptp(expected, axis=(0, 1)).min() > 0.1  # the comparison could say no


def answers(network: Any) -> np.ndarray:
    from mips.networks.recurrent import run

    return run(network, WORDS)


@pytest.mark.parametrize("kind", ["RNNCell", "GRUCell", "LSTMCell"])
def test_cells_answer_as_torch_does(kind: str) -> None:
    torch.manual_seed(2)
    cell, head = getattr(nn, kind)(LETTERS, 8), nn.Linear(8, CLASSES)
    expected, state = [], None
    with torch.no_grad():
        for t in range(LENGTH):
            state = cell(one_hot()[:, t], state)
            expected.append(head(state[0] if kind == "LSTMCell" else state).numpy())
    name = {"RNNCell": "tanh", "GRUCell": None, "LSTMCell": None}[kind]
    weights = {f"cell.{key}": value for key, value in cell.state_dict().items()}
    weights |= {f"out.{key}": value for key, value in head.state_dict().items()}
    for network in (
        mips.from_torch(cell, head, encode="one-hot", decode="argmax"),
        mips.from_state_dict(weights, cell=name, encode="one-hot", decode="argmax"),
    ):
        assert np.abs(outputs_of(network) - np.stack(expected, axis=1)).max() < 1e-5


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_embedding_is_looked_up(dtype: Any) -> None:
    module, head = made("lstm", size=6, num_layers=2, batch_first=True, dtype=dtype)
    embedding = nn.Embedding(LETTERS, 6, dtype=dtype)
    with torch.no_grad():
        expected = outputs_of_torch(module, head, embedding(torch.from_numpy(WORDS[..., 0])))
    parts = {"rnn_layer": module, "output_layer": head, "embedding": embedding}
    weights = nn.ModuleDict(parts).state_dict()
    for network in (
        mips.from_torch(module, head, embedding=embedding, decode="argmax"),
        mips.from_state_dict(weights, decode="argmax"),
    ):
        assert np.abs(outputs_of(network) - expected).max() < 1e-4


def test_the_users_module_stays_as_it_was() -> None:
    module, head = made("gru", num_layers=2, dropout=0.0)
    embedding = nn.Embedding(LETTERS, LETTERS, max_norm=0.1)
    module.train()
    calls: list[int] = []
    module.register_forward_hook(lambda *_: calls.append(1))  # it returns nothing, so that the outputs stay
    before = copy.deepcopy([module.state_dict(), head.state_dict(), embedding.state_dict()])
    network = mips.from_torch(module, head, embedding=embedding, decode="argmax", inputs=ALPHABET)
    answers(network)
    after = [module.state_dict(), head.state_dict(), embedding.state_dict()]
    for old, new in zip(before, after, strict=True):
        assert all(torch.equal(old[name], new[name]) for name in old)
    assert module.training and head.training is True and calls and len(module._forward_hooks) == 1
    assert all(weight.grad is None and weight.requires_grad for weight in module.parameters())
    assert network.start(2).dtype == torch.float32 and not network.start(2).requires_grad


def test_a_network_is_distilled_from_its_weights() -> None:
    """A GRU that is written by hand: it keeps the last symbol, and the head says whether it was the largest."""
    weights = {
        "rnn.weight_ih_l0": torch.tensor([[0.0] * 3, [-9.0] * 3, [-3.0, 0.0, 3.0]]),
        "rnn.weight_hh_l0": torch.zeros(3, 1),
        "fc.weight": torch.tensor([[0.0], [1.0]]),
        "fc.bias": torch.tensor([0.5, 0.0]),
    }
    found = mips.distil(mips.from_state_dict(weights, decode="argmax"), mips.integers(4, 6), length=6)
    assert found([4, 6, 5, 6, 6]) == [0, 1, 0, 1, 1]


# Modules on whole words


class Transformer(nn.Module):
    def __init__(self, *, causal: bool = True) -> None:
        super().__init__()
        self.embedding = nn.Embedding(LETTERS, 8)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.head = nn.Linear(8, CLASSES)
        self.causal = causal

    def forward(self, words: Any) -> Any:
        mask = nn.Transformer.generate_square_subsequent_mask(words.shape[1]) if self.causal else None
        return self.head(self.layer(self.embedding(words), src_mask=mask))


def test_a_causal_transformer_answers_as_torch_does() -> None:
    torch.manual_seed(3)
    module = Transformer().eval()
    with torch.no_grad():
        expected = module(torch.from_numpy(WORDS[..., 0])).numpy()
    network = mips.from_torch(module, decode="argmax", inputs=ALPHABET)
    assert np.abs(outputs_of(network) - expected).max() < 1e-4
    assert np.array_equal(answers(network), expected.argmax(axis=2)[..., None])


def test_a_causal_convolution_answers_as_torch_does() -> None:
    torch.manual_seed(3)
    convolution = nn.Conv1d(LETTERS, CLASSES, 3)

    class Causal(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = convolution

        def forward(self, words: Any) -> Any:
            return self.convolution(nn.functional.pad(words.transpose(1, 2), (2, 0))).transpose(1, 2)

    with torch.no_grad():
        expected = Causal()(one_hot()).numpy()
    network = mips.from_torch(Causal(), decode="argmax", inputs=ALPHABET)
    assert np.abs(outputs_of(network) - expected).max() < 1e-5


class Counted(nn.Module):
    """The parity of the ones so far in words of at most `most` symbols; it counts the words that it reads."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self.register_buffer("positions", torch.zeros(most))
        self.words = 0

    def forward(self, words: Any) -> Any:
        self.words += len(words)
        return words.cumsum(1)[..., None] % 2 + self.positions[torch.arange(words.shape[1])][:, None]


def counted(**options: Any) -> tuple[Any, Any]:
    module = Counted(**options).eval()
    return module, mips.from_torch(module, decode="round", encode="index", inputs=BITS)


BITS = mips.integers(0, 1)


def test_all_answers_to_a_word_are_one_call_and_equal_words_are_asked_once() -> None:
    module, network = counted()
    words = np.array([[[0], [1], [1]], [[1], [1], [1]], [[0], [1], [1]]])
    module.words = 0
    found = recurrent.run(network, words)
    assert module.words == 3 and found.tolist() == [[[0], [1], [0]], [[1], [0], [1]], [[0], [1], [0]]]
    assert np.array_equal(recurrent.stepped(network, words), found)
    module.words = 0
    assert np.array_equal(recurrent.stepped(network, words[::-1]), found[::-1]) and module.words == 0
    fitted_again = network.for_inputs(BITS, 1)  # as the module may have been trained on meanwhile
    module.words = 0
    recurrent.stepped(fitted_again, words)
    assert module.words == 4  # 01, 11; 011, 111: shorter ones were asked when it was fitted


def test_large_batches_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    _, network = counted()
    words = np.random.default_rng(0).integers(0, 2, (50, 9, 1))
    whole = recurrent.run(network, words)
    module, network = counted()
    seen: list[int] = []
    module.register_forward_hook(lambda _, given, __: seen.append(given[0].shape[0]))
    for limit in ("MOST_SYMBOLS", "MOST_NUMBERS"):
        seen.clear()
        monkeypatch.setattr(whole_words, limit, 70)
        assert np.array_equal(recurrent.run(network, words), whole) and max(seen) == 7
        monkeypatch.undo()
    monkeypatch.setattr(whole_words, "MOST_KEPT", 3)
    assert np.array_equal(recurrent.stepped(network, words), whole)
    assert network.core.known is not None and len(network.core.known) <= 3


def test_a_module_of_few_positions_is_compared_on_words_that_it_reads() -> None:
    found = mips.distil(counted(most=22)[1], BITS, length=8)
    assert found([1, 1, 1]) == [1, 0, 1]
    assert len(found.fidelity.by_length) == 8 and found.fidelity.difference is None
    with pytest.raises(ForeignNetworkError, match=r"^found a network that reads words of 22 .* write length=22$"):
        mips.distil(counted(most=22)[1], BITS, length=30)


# What is refused


class Odd(nn.Module):
    """A GRU whose outputs on whole words are made into something else."""

    def __init__(self, change: Any, **options: Any) -> None:
        super().__init__()
        self.gru, self.change = nn.GRU(LETTERS, CLASSES, **{"batch_first": True, **options}), change

    def forward(self, words: Any) -> Any:
        return self.change(self.gru(words)[0])


def raising(_: Any) -> Any:
    raise ValueError("a bad\nvalue")


def test_a_module_that_takes_the_length_first_is_recognized() -> None:
    module = Odd(lambda outputs: 9 * outputs, batch_first=False)
    network = mips.from_torch(module, decode="argmax", inputs=ALPHABET)
    with torch.no_grad():
        expected = module(one_hot().transpose(0, 1)).transpose(0, 1).argmax(dim=2)[..., None].numpy()
    assert np.array_equal(answers(network), expected) and len(np.unique(expected)) > 1
    assert np.array_equal(recurrent.stepped(network, WORDS), expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_the_type_of_a_module_is_kept(dtype: Any) -> None:
    module, head = made("lstm", dtype=dtype)
    network = mips.from_torch(module, head, decode="argmax", inputs=ALPHABET)
    assert {part.dtype for part in network.step(network.start(COUNT), WORDS[:, 0])} == {dtype}
    expected = outputs_of_torch(module.double(), head.double(), one_hot(torch.float64))
    assert (answers(network)[..., 0] == expected.argmax(axis=2)).mean() > (0.9 if dtype != torch.float64 else 0.999)


def test_a_module_on_whole_words_stays_as_it_was() -> None:
    module = Odd(lambda outputs: outputs).train()
    calls: list[int] = []
    module.gru.register_forward_hook(lambda *_: calls.append(1))
    before = copy.deepcopy(module.state_dict())
    answers(mips.from_torch(module, decode="argmax", inputs=ALPHABET))
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert module.training and module.gru.training and calls and len(module.gru._forward_hooks) == 1
    assert all(weight.grad is None and weight.requires_grad for weight in module.parameters())


def wrongs() -> dict[str, tuple[Any, str]]:
    gru, head = made("gru")
    rnn = dict(nn.ModuleDict({"rnn": gru, "fc": head}).state_dict())
    elman = nn.RNN(LETTERS, 8).state_dict()
    broken = {**rnn, "fc.bias": torch.full((CLASSES,), torch.nan)}
    infinite = nn.GRU(LETTERS, 8)
    with torch.no_grad():
        infinite.weight_hh_l0.fill_(torch.inf)
    told: dict[str, Any] = {"decode": "argmax", "inputs": ALPHABET}

    def of(module: Any, head: Any = None, **options: Any) -> Any:
        return lambda: mips.from_torch(module, head, **{**told, **options})

    def weights(mapping: Any, **options: Any) -> Any:
        return lambda: mips.from_state_dict(mapping, **{**told, **options})

    return {
        "bidirectional": (of(nn.GRU(LETTERS, 8, bidirectional=True)), "found a bidirectional GRU"),
        "dropout": (of(nn.GRU(LETTERS, 8, 2, dropout=0.5)), "found dropout=0.5 left on in GRU"),
        "dropout in the head": (
            of(gru, nn.Sequential(nn.Dropout(0.1), head)),
            "found dropout=0.1 left on in Dropout (0)",
        ),
        "dropout inside": (of(Transformer()), "call .eval() on it before"),
        "statistics": (of(nn.Sequential(nn.BatchNorm1d(LETTERS))), "BatchNorm1d (0) in training mode"),
        "not causal": (of(Transformer(causal=False).eval()), "which does not look ahead"),
        "head": (
            of(gru, nn.Linear(7, 2)),
            "found a head that reads 7 numbers; expected 8, the size of the hidden state",
        ),
        "head that raises": (of(gru, nn.Sequential(nn.Linear(7, 2))), "a network that raised RuntimeError"),
        "alphabet": (of(gru, head, inputs=mips.integers(0, 4)), "found a network that reads 3 numbers a symbol"),
        "small embedding": (
            of(nn.GRU(5, 8), nn.Linear(8, 2), embedding=nn.Embedding(2, 5)),
            "found an embedding of 2 vectors; expected one for each of the 3 symbols of integers(0, 2)",
        ),
        "embedding": (of(nn.GRU(5, 8), embedding=nn.Embedding(3, 4)), "found an embedding into 4 numbers"),
        "a table": (
            of(Odd(lambda outputs: {"y": outputs})),
            "module that are an object of type NoneType; expected a tensor",
        ),
        "complex": (
            of(Odd(lambda outputs: outputs + 1j)),
            "that are torch.complex64 numbers; expected a tensor of real",
        ),
        "a list of a head": (of(gru, lambda h: {0: h}), "expected a tensor of real numbers"),
        "an error of its own": (
            of(Odd(raising)),
            "found a module that raised ValueError: a bad value on words of shape",
        ),
        "one of its head": (of(gru, raising), "found a network that raised ValueError: a bad value on symbols"),
        "both ends": (of(Odd(lambda outputs: outputs, bidirectional=True)), "which does not look ahead"),
        "mixed words": (of(Odd(lambda y: y - y.mean((0, 1)))), "change with the other words that are asked with it"),
        "chance": (of(Odd(lambda y: nn.functional.dropout(y, 0.5))), "gives other outputs when it is asked the same"),
        "chance in the head": (of(gru, lambda h: nn.functional.dropout(head(h), 0.5)), "one that answers alike always"),
        "no numbers": (of(nn.GRU(LETTERS, 8, device="meta"), head), "weight_ih_l0 of GRU without numbers"),
        "no size": (of(gru, nn.LazyLinear(2)), "its size is not known yet"),
        "threshold": (of(gru, head, decode="threshold", threshold="x"), "found threshold='x'; expected a number"),
        "nothing said": (of(gru, head, decode=None), "expected decode= to say what they are: decode='argmax'"),
        "no encoding": (
            of(gru, head, encode="onehot"),
            "found encode='onehot'; expected one of number, one-hot, index",
        ),
        "no decoding": (
            of(gru, head, decode="max"),
            "found decode='max'; expected one of round, argmax, sign, threshold",
        ),
        "a function that raises": (of(gru, head, encode=lambda x: 1 / x), "encode(0), which raised ZeroDivisionError"),
        "a function of another shape": (of(gru, head, encode=lambda x: [x]), "found encode(0) of shape (1,)"),
        "weights that are no numbers": (of(infinite), "found a weight in weight_hh_l0 that is inf; expected finite"),
        "not a number": (weights(broken), "found a weight in fc.bias that is nan; expected finite numbers"),
        "two readings": (weights(elman), "expected cell= to say which: cell='tanh' or cell='relu'"),
        "another cell": (weights(rnn, cell="lstm"), "for a hidden state of 8 and cell='lstm'; expected as many"),
        "no cell": (weights({"fc.weight": rnn["fc.weight"]}), "expected those of one recurrent module"),
        "a layer more": (weights({**rnn, "mid.weight": torch.zeros(8, 8)}), "several layers after the cells"),
        "reverse": (weights(nn.GRU(3, 8, bidirectional=True).state_dict()), "of a bidirectional network"),
        "left over": (weights({**rnn, "norm.weight": torch.zeros(8)}), "weights that have no place, ['norm.weight']"),
        "no file": (weights("nowhere.pt"), "found no file nowhere.pt"),
    }


WRONGS = wrongs()


@pytest.mark.parametrize("name", WRONGS)
def test_what_is_refused_is_named_in_one_line(name: str) -> None:
    call, said = WRONGS[name]
    with pytest.raises(ForeignNetworkError) as caught:
        call()
    assert said in str(caught.value) and "expected" in str(caught.value) and "\n" not in str(caught.value)


def test_a_pickled_module_is_refused_with_the_way_out(tmp_path: Path) -> None:
    torch.save(made("gru")[0], tmp_path / "whole.pt")
    with pytest.raises(ForeignNetworkError, match=r"which is never run; expected a state_dict: .*mips\.from_torch"):
        mips.from_state_dict(tmp_path / "whole.pt")
    (tmp_path / "text.pt").write_text("no pickle")
    with pytest.raises(ForeignNetworkError, match=r"which torch does not read|a pickle of more"):
        mips.from_state_dict(tmp_path / "text.pt")


def test_what_is_no_module_is_named() -> None:
    for inputs in (range(3), (0, 2)):
        with pytest.raises(TypeError, match=r"^found the inputs .*; expected integers\(low, high\), symbols"):
            mips.from_torch(nn.GRU(3, 3), decode="argmax", inputs=inputs)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"found the class torch.*GRU in the place of the module; .*; call it$"):
        mips.from_torch(nn.GRU)
    with pytest.raises(TypeError, match=r"Write \.state_dict\(\) after it"):
        mips.from_state_dict(nn.GRU(1, 1))  # type: ignore[arg-type]


def test_an_output_that_is_no_number_is_named_with_its_word() -> None:
    head = nn.Linear(8, 2)

    class Broken(nn.Module):
        def forward(self, hidden: Any) -> Any:
            return head(hidden) / (hidden[:, :1] > 9)

    with pytest.raises(
        ForeignNetworkError, match=r"found an output that is -?(inf|nan) after the word \[\d\]; expected"
    ):
        mips.from_torch(made("gru")[0], Broken(), decode="argmax", inputs=ALPHABET)

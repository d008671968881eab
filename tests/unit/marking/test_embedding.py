"""A marked copy: what moved, what did not, and the models that are refused."""

from __future__ import annotations

import io
import struct
from typing import Any, NoReturn

import numpy as np
import pytest
import safetensors.numpy
import torch

from tests.unit.marking.conftest import KEY, MODEL, Digits, filed, mark_arrays
from workbench.errors import InputError
from workbench.findings.mark import Mark
from workbench.marking.embedding import mark
from workbench.marking.signs import Signs, seed
from workbench.marking.tensors import encoded, layout, values


def normal(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def test_each_weight_moves_by_the_strength_in_the_direction_of_its_sign() -> None:
    arrays = {"a": normal(40, 50), "b": 3 * normal(30, 30, seed=1) + 5}
    found, done = mark_arrays(arrays, grant="noor", strength=0.02)
    for name, one in arrays.items():
        signs = Signs(seed(KEY, MODEL, "noor", name)).take(one.size).reshape(one.shape)
        assert np.allclose(found[name] - one, 0.02 * one.std() * signs, rtol=0, atol=1e-12)
    assert (done.tensors, done.weights) == (2, 2900)
    assert done.expected_z == pytest.approx(2900**0.5)
    assert (done.before, done.after) == (None, None)
    assert Mark.from_bytes(done.to_bytes()) == done


def test_what_carries_no_mark_stays_byte_for_byte() -> None:
    weights = normal(40, 50)
    weights[7] = 0.0  # a padding row
    arrays = {
        "bias": normal(5000),
        "constant": np.full((40, 40), 0.1),
        "rounding only": 1 + 1e-14 * normal(40, 40),
        "counts as floats": np.arange(1600.0).reshape(40, 40),
        "small": normal(7, 9),
        "empty": np.zeros((0, 5)),
        "not a number": np.where(np.eye(40) > 0, np.nan, 1.0),
        "infinite": np.where(np.eye(40) > 0, np.inf, normal(40, 40)),
        "weights": weights,
    }
    found, done = mark_arrays(arrays, grant="noor")
    assert done.tensors == 1
    assert done.weights == 1950
    for name in arrays.keys() - {"weights"}:
        assert found[name].tobytes() == arrays[name].tobytes(), name
    assert not found["weights"][7].any()
    assert (found["weights"] != weights).sum() == 1950


def test_the_header_is_copied_with_what_it_says() -> None:
    data = np.float32(normal(40, 40)).tobytes()
    head = b'{"__metadata__":{"by":"x"},  "w":{"shape":[40,40],"dtype":"F32",'
    head += b'"data_offsets":[0,6400]} }'
    source = io.BytesIO(struct.pack("<Q", len(head)) + head + data)
    target = io.BytesIO()
    mark(source, target, KEY, model=MODEL, grant="noor")
    assert target.getvalue()[: 8 + len(head)] == source.getvalue()[: 8 + len(head)]
    assert len(target.getvalue()) == len(source.getvalue())


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F32", "F64"])
def test_each_float_format_carries_a_mark(dtype: str) -> None:
    data = encoded(normal(2000), dtype)
    head = b'{"w":{"dtype":"%b","shape":[40,50],"data_offsets":[0,%d]}}'
    head %= (dtype.encode(), len(data))
    source, target = io.BytesIO(struct.pack("<Q", len(head)) + head + data), io.BytesIO()
    done = mark(source, target, KEY, model=MODEL, grant="noor")
    (tensor,) = layout(target).tensors
    before, after = values(source, tensor), values(target, tensor)
    assert after.std() == pytest.approx(before.std(), rel=0.01)
    assert done.expected_z > 0.95 * 2000**0.5


def test_what_a_format_cannot_hold_stays_as_it_is() -> None:
    arrays = {"w": np.float16(normal(40, 40) * 100)}
    arrays["w"][0, :20] = 65504
    arrays["w"][0, 20:] = -65504
    found, _ = mark_arrays(arrays, grant="noor", strength=0.1)
    assert np.isfinite(found["w"]).all()
    assert (np.abs(found["w"][0]) > 60000).all()


def test_the_same_again_and_another_for_each() -> None:
    arrays = {"w": normal(40, 50)}

    def copy(key: bytes = KEY, model: str = MODEL, grant: str = "noor") -> bytes:
        return mark_arrays(arrays, key, model=model, grant=grant)[0]["w"].tobytes()

    copies = {copy(), copy(key=bytes(32)), copy(model=MODEL[:-1] + "2"), copy(grant="ada")}
    assert len(copies) == 4
    assert copy() in copies


def test_a_large_tensor_is_marked_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"w": np.float32(normal(100, 70))}
    whole, done = mark_arrays(arrays, grant="noor")
    monkeypatch.setattr("workbench.marking.carriers.CHUNK", 640)
    pieces, again = mark_arrays(arrays, grant="noor")
    assert np.array_equal(whole["w"], pieces["w"])
    assert again.expected_z == pytest.approx(done.expected_z)


def test_predictions_hardly_change(digits: Digits) -> None:
    """Facts of the design: accuracy within 0.3 points at the default strength."""

    def evaluate(stream: Any) -> float:
        return digits.holding(safetensors.numpy.load(stream.read())).score()

    _, done = mark_arrays(digits.arrays(), grant="noor", evaluate=evaluate, tolerance=0.003)
    assert done.before == digits.score()
    assert done.after is not None
    assert done.after >= done.before - 0.003
    assert "Quality was 0.9" in done.sentences()[1]


def test_a_network_of_torch() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(288, 10),
    ).eval()  # fmt: skip
    state = {name: one.numpy() for name, one in network.state_dict().items() if one.ndim}
    found, done = mark_arrays(state, grant="noor")
    assert done.tensors == 2
    images = torch.randn(16, 1, 8, 8)
    with torch.no_grad():
        before = network(images)
        network.load_state_dict({name: torch.tensor(one) for name, one in found.items()}, False)
        after = network(images)
    assert not torch.equal(before, after)
    assert torch.allclose(before, after, atol=0.05)


def raises(message: str, arrays: Any, **options: Any) -> InputError:
    source, target = filed(arrays) if isinstance(arrays, dict) else arrays, io.BytesIO(b"before")
    target.seek(0, io.SEEK_END)
    with pytest.raises(InputError, match=message) as caught:
        mark(source, target, **({"key": KEY, "model": MODEL, "grant": "noor"} | options))
    assert target.getvalue() == b"before"
    return caught.value


def test_models_in_which_a_mark_is_fragile_are_refused() -> None:
    error = raises("Only 990 weights", {"w": normal(30, 33)})
    assert error.unchanged == "No marked copy was made."
    assert error.hint
    raises("Only 0 weights", {"bias": normal(5000)})
    raises("Only 0 weights", {"values of leaves": np.rint(100 * normal(60, 60))})


def test_quantised_weights_are_refused() -> None:
    head = b'{"s":{"dtype":"F32","shape":[40,40],"data_offsets":[0,6400]},'
    head += b'"w":{"dtype":"I8","shape":[100,100],"data_offsets":[6400,16400]}}'
    data = np.float32(normal(40, 40)).tobytes() + bytes(10_000)
    raises("integers or quantised", io.BytesIO(struct.pack("<Q", len(head)) + head + data))


def test_weights_that_round_the_mark_away_are_refused() -> None:
    weights = 100 + np.float16(normal(40, 50))  # steps of 1/16 where a mark moves by 1/100
    raises("so coarse a format", {"w": weights.astype(np.float16)}, strength=0.001)


def test_a_copy_that_is_worse_than_tolerated_is_refused() -> None:
    scores = iter([0.9, 0.85])
    error = raises(
        "falls from 0.9 to 0.85", {"w": normal(40, 50)}, evaluate=lambda _stream: next(scores)
    )
    assert "smaller strength" in error.hint
    scores = iter([0.9, float("nan")])
    raises("falls from", {"w": normal(40, 50)}, evaluate=lambda _stream: next(scores))


@pytest.mark.parametrize("strength", [0, -1, 0.2, float("nan")])
def test_a_strength_out_of_range_is_refused(strength: float) -> None:
    raises("above 0 and at most 0.1", {"w": normal(40, 50)}, strength=strength)


def test_other_arguments_are_checked() -> None:
    raises("32 bytes", {"w": normal(40, 50)}, key=b"short")
    raises("Not a sha256 digest", {"w": normal(40, 50)}, model="v1")
    raises("not a proper safetensors file", io.BytesIO(b"\x80\x04pickle"))


@pytest.mark.parametrize("at", [0, 3, 5])
def test_a_cancelled_mark_leaves_nothing(at: int) -> None:
    calls = []

    def progress(what: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        calls.append(what)
        if len(calls) > at:
            raise KeyboardInterrupt

    def stop() -> NoReturn:
        target = io.BytesIO()
        arrays = {"v": normal(40, 50), "b": normal(10), "w": normal(40, 50)}
        try:
            mark(filed(arrays), target, KEY, model=MODEL, grant="noor", progress=progress)
        finally:
            assert target.getvalue() == b""
        raise AssertionError("it was not cancelled")

    with pytest.raises(KeyboardInterrupt):
        stop()

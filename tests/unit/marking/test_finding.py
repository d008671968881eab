"""Whose copy it is: after everything that is done to copies, and never somebody else's."""

from __future__ import annotations

import copy as copying
import io
import json
import warnings
from collections.abc import Callable
from math import erfc, sqrt
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.marking.conftest import GRANTS, KEY, MODEL, Arrays, Digits, filed, marked
from workbench.errors import InputError
from workbench.findings.mark import Traced, Verdict
from workbench.marking.finding import trace
from workbench.marking.scoring import false_alarm, threshold
from workbench.marking.tensors import encoded

WHOSE = GRANTS[3]
Change = Callable[[Any], Any]


def traced(original: Arrays, copy: Arrays, key: bytes = KEY, **options: Any) -> Traced:
    grants = options.pop("grants", GRANTS)
    with np.errstate(all="raise", under="ignore"):  # nothing in a copy may make numbers go wrong
        found = trace(filed(original), filed(copy), key, grants, model=MODEL, **options)
    assert found.wrong_largest < 6
    assert Traced.from_bytes(found.to_bytes()) == found
    return found


def named(original: Arrays, copy: Arrays) -> tuple[str, ...]:
    """Who is named; nobody either where the file is not even known as a copy."""
    try:
        return traced(original, copy).named
    except InputError as error:
        if "No weights of this model" not in error.message:
            raise
        return ()


def each(change: Change) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {k: change(v) if v.ndim > 1 else v for k, v in arrays.items()}


def bfloat16(weights: Any) -> Any:
    return torch.tensor(weights, dtype=torch.float32).to(torch.bfloat16).float().numpy()


def int8(weights: Any) -> Any:
    step = np.abs(weights).max() / 127
    return np.rint(weights / step) * step


def noisy(share: float) -> Change:
    chance = np.random.default_rng(7)
    return lambda weights: weights + share * weights.std() * chance.standard_normal(weights.shape)


def pruned(share: float) -> Change:
    return lambda w: np.where(np.abs(w) < np.quantile(np.abs(w), share), 0.0, w)


def moved(arrays: Arrays, scaled: bool = True) -> Arrays:
    """The same function with the neurons of both hidden layers in another order, and scaled."""
    chance, found = np.random.default_rng(3), dict(arrays)
    for layer in (0, 1):
        weight, bias, after = (
            *(f"layers.{layer}.weight", f"layers.{layer}.bias"),
            f"layers.{layer + 1}.weight",
        )
        order = chance.permutation(found[bias].shape[0])
        by = np.exp(chance.normal(0, 0.5, len(order))) if scaled else np.ones(len(order))
        found[weight], found[bias] = found[weight][:, order] * by, found[bias][order] * by
        found[after] = found[after][order] / by[:, None]
    return found


def renamed(arrays: Arrays) -> Arrays:
    return {f"model.{9 - i}": arrays[k] for i, k in enumerate(reversed(list(arrays)))}


# What is done to a copy, and the least score that it must have with the default strength.
CHANGES: dict[str, tuple[Callable[[Arrays], Arrays], float]] = {
    "nothing": (lambda arrays: arrays, 80),
    "float16": (each(np.float16), 80),
    "bfloat16": (each(bfloat16), 75),
    "int8": (each(int8), 40),
    "noise of 1 %": (each(noisy(0.01)), 50),
    "noise of 5 %": (each(noisy(0.05)), 10),
    "float16 and noise": (lambda a: each(np.float16)(each(noisy(0.01))(a)), 50),
    "half pruned": (each(pruned(0.5)), 45),
    "four fifths pruned": (each(pruned(0.8)), 20),
    "scaled": (each(lambda w: 3.7 * w), 80),
    "all signs turned": (each(lambda w: -w), 80),
    "other names": (renamed, 80),
    "rows as columns": (each(lambda w: w.T.copy()), 80),
    "rows as columns and other names": (lambda a: renamed(each(lambda w: w.T.copy())(a)), 80),
    "moved neurons": (lambda a: moved(a, scaled=False), 75),
    "moved and scaled neurons": (moved, 70),
    "moved neurons, noise and other names": (lambda a: renamed(each(noisy(0.01))(moved(a))), 35),
    "a tensor missing": (lambda a: {k: v for k, v in a.items() if k != "layers.0.weight"}, 50),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_still_somebodys(digits: Digits, change: str) -> None:
    original = digits.arrays()
    done, least = CHANGES[change]
    found = traced(original, done(marked(original, WHOSE)))
    assert found.verdict is Verdict.named
    assert found.named == (WHOSE,)
    assert found.scores[0].grant == WHOSE
    assert found.scores[0].z >= least
    assert abs(found.scores[1].z) < 6
    assert found.false_alarm < 1e-9


@pytest.mark.parametrize("change", CHANGES)
def test_an_unmarked_or_strange_copy_is_nobodys(digits: Digits, change: str) -> None:
    original = digits.arrays()
    done, _ = CHANGES[change]
    for copy in (original, marked(original, "somebody who is not asked about")):
        found = traced(original, done(copy))
        assert found.named == ()
        assert max(abs(one.z) for one in found.scores) < 6
    found = traced(original, done(marked(original, WHOSE)), key=bytes(32))
    assert found.named == ()


def test_moved_neurons_compute_the_same(digits: Digits) -> None:
    """The attack is one: the network that is put back predicts as before."""
    arrays = marked(digits.arrays(), WHOSE)
    before = digits.holding(arrays).network.predict_proba(digits.test[0])
    after = digits.holding(moved(arrays)).network.predict_proba(digits.test[0])
    assert np.allclose(before, after)


def test_training_further_keeps_the_mark(digits: Digits) -> None:
    original = digits.arrays()
    copy = digits.holding(marked(original, WHOSE))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(5):
            copy.network.partial_fit(*copy.train)
    found = traced(original, copy.arrays())
    assert found.named == (WHOSE,)
    assert found.scores[0].z > 30


def test_another_model_of_the_same_shape_is_nobodys(digits: Digits) -> None:
    other = copying.deepcopy(digits.network)
    other.random_state = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.set_params(max_iter=5).fit(*digits.train)
    assert named(digits.arrays(), Digits(other, digits.train, digits.test).arrays()) == ()


@pytest.mark.parametrize("together", [2, 3, 5])
def test_all_who_average_their_copies_are_named(digits: Digits, together: int) -> None:
    original = digits.arrays()
    copies = [marked(original, grant) for grant in GRANTS[:together]]
    mean = {k: np.mean([one[k] for one in copies], axis=0) for k in original}
    found = traced(original, mean)
    assert set(found.named) == set(GRANTS[:together])
    assert found.scores[0].z == pytest.approx(sqrt(7700 / together), rel=0.2)
    assert "It was made of several copies." in found.sentences()[0]


def test_a_weaker_mark_is_found_with_its_strength(digits: Digits) -> None:
    original = digits.arrays()
    copy = each(pruned(0.3))(marked(original, WHOSE, strength=0.001))
    assert traced(original, copy, strength=0.001).named == (WHOSE,)


def test_little_that_is_left_is_unclear(digits: Digits) -> None:
    """Too much noise for a name, too good a score to clear everybody."""
    original = digits.arrays()
    verdicts = {
        traced(original, each(noisy(share))(marked(original, WHOSE)), grants=[WHOSE]).verdict
        for share in (0.05, 0.1, 0.12, 0.14, 0.16, 0.2, 1)
    }
    assert verdicts == {Verdict.named, Verdict.unclear, Verdict.nobody}


def test_few_weights_clear_nobody(digits: Digits) -> None:
    original = digits.arrays()
    copy = {"layers.2.weight": original["layers.2.weight"]}
    found = traced(original, copy)
    assert found.verdict is Verdict.unclear
    assert (found.tensors, found.missing, found.weights) == (1, 2, 480)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300, -1e300, 0.0, 5e-324])
def test_hostile_numbers_do_no_harm(digits: Digits, value: float) -> None:
    original = digits.arrays()
    copy = marked(original, WHOSE)
    some = each(lambda w: np.where(np.arange(w.size).reshape(w.shape) % 3, w, value))
    found = traced(original, some(copy))
    assert found.named == (WHOSE,)
    everything = each(lambda w: np.full_like(w, value))
    with pytest.raises(InputError, match="No weights of this model"):
        traced(original, everything(copy))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1e-4, 0.01, 1.0]), st.booleans())
def test_nobody_is_named_by_accident(seed: int, share: float, heavy: bool) -> None:
    """Whatever was done without the key, also with damage that follows no normal law."""
    chance = np.random.default_rng(seed)
    original: Arrays = {"w": chance.normal(size=(40, 50))}
    damage = chance.standard_cauchy((40, 50)) if heavy else chance.normal(size=(40, 50))
    low_rank = np.outer(chance.normal(size=40), chance.normal(size=50))
    assert named(original, {"w": original["w"] + share * damage + share * low_rank}) == ()


def test_the_bound_on_false_alarms_is_one() -> None:
    """It is above the normal tail, and what is named is below one in a million."""
    for grants in (1, 20, 10_000):
        least = threshold(grants)
        assert least >= 6
        assert false_alarm(least, grants) <= 1.0000001e-6
        assert false_alarm(least, grants) >= grants * erfc(least / sqrt(2)) / 2
    assert false_alarm(0, 1) == 1
    assert false_alarm(-9, 1) == 1
    assert false_alarm(1e9, 10_000) >= 0


def test_wrong_keys_score_as_fair_coins(digits: Digits) -> None:
    """Over many keys the scores have mean 0 and spread 1, within five standard errors."""
    original = digits.arrays()
    many = [f"nobody-{number}" for number in range(400)]
    found = traced(original, marked(original, WHOSE), grants=[*many, WHOSE])
    assert found.named == (WHOSE,)
    assert found.scores[1].z < 5
    assert 2 < found.wrong_largest < 5


def test_what_is_said(digits: Digits) -> None:
    original = digits.arrays()
    copy = moved(marked(original, WHOSE))
    del copy["layers.2.weight"]
    said = " ".join(traced(original, copy).sentences())
    assert f"carries the mark of {WHOSE}" in said
    assert "proves nothing about intent" in said
    assert "1 tensor of the model is not in the copy" in said
    assert "neurons in another order" in said
    nobody = " ".join(traced(original, original).sentences())
    assert "None of the 20 marks tested is in the copy" in nobody
    assert "does not show that it is nobody's copy" in nobody


@pytest.mark.parametrize("dtype", ["I8", "BF16"])
def test_a_copy_may_be_in_a_format_that_no_mark_is_written_to(digits: Digits, dtype: str) -> None:
    """Integers without the factor that they were quantised with, beside a format nobody reads."""
    original = digits.arrays()
    header: dict[str, Any] = {"x": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}
    data = bytes(4)
    for name, one in marked(original, WHOSE).items():
        if one.ndim < 2:
            continue
        small = np.rint(one / np.abs(one).max() * 127).astype("i1").tobytes()
        kept = small if dtype == "I8" else encoded(one, "BF16")
        place = [len(data), len(data) + len(kept)]
        header[name] = {"dtype": dtype, "shape": list(one.shape), "data_offsets": place}
        data += kept
    text = json.dumps(header).encode()
    copy = io.BytesIO(len(text).to_bytes(8, "little") + text + data)
    found = trace(filed(original), copy, KEY, GRANTS, model=MODEL)
    assert found.named == (WHOSE,)
    assert found.tensors == 3
    assert found.scores[0].z > 40


def test_wrong_arguments_are_refused(digits: Digits) -> None:
    original = digits.arrays()
    for grants in ([], ["a", "a"], [str(i) for i in range(10_001)]):
        with pytest.raises(InputError, match="1 to 10000 grants"):
            traced(original, original, grants=grants)
    with pytest.raises(InputError, match="32 bytes"):
        traced(original, original, key=b"")
    with pytest.raises(InputError, match="not a proper safetensors file"):
        trace(filed(original), io.BytesIO(b"\x80\x04."), KEY, GRANTS, model=MODEL)
    with pytest.raises(InputError, match="No weights of this model"):
        traced(original, {"w": np.zeros((3, 3))})


def test_tracing_tells_how_far_it_is_and_can_be_cancelled(digits: Digits) -> None:
    calls: list[tuple[str, int, int]] = []

    def progress(what: str, done: int, total: int) -> None:
        calls.append((what, done, total))
        if len(calls) == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        traced(digits.arrays(), digits.arrays(), progress=progress)
    assert all(0 <= done <= total for _, done, total in calls)


def test_large_tensors_are_compared_in_part(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.marking.finding.MOST_WEIGHTS", 3000)
    monkeypatch.setattr("workbench.marking.finding.LARGEST", 10)
    original = digits.arrays()
    found = traced(original, each(np.float16)(marked(original, WHOSE)))
    assert found.named == (WHOSE,)
    assert 3000 <= found.weights < 3300

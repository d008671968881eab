"""The scanner answers whatever the bytes: cut, changed, joined, renamed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.rules import NAMES, hold
from tests.fuzz.seeds import seeds

slowly = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, bytes]:
    """One of the seeds, with a few bytes overwritten, put in, taken out, or another seed behind."""
    name, data = draw(st.sampled_from(seeds()))
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(out)))
        new = draw(st.binary(min_size=0, max_size=9))
        length = draw(st.sampled_from((0, 0, len(new), len(new), 1, 8, len(out))))
        out[at : at + length] = new
    if draw(st.integers(0, 9)) == 0:
        out += draw(st.sampled_from(seeds()))[1]
    return draw(st.sampled_from((name, name, name, *NAMES))), bytes(out)


@slowly
@given(changed())
def test_changed_files(file: tuple[str, bytes]) -> None:
    """A known format with a few wrong bytes."""
    hold(*file)


@slowly
@given(st.sampled_from(NAMES), st.binary(max_size=400))
def test_any_bytes(name: str, data: bytes) -> None:
    """No format at all."""
    hold(name, data)


WHOLE = [
    seed for seed in seeds() if seed[0].endswith(".safetensors") and hold(*seed).outcome == "safe"
]


@settings(slowly, max_examples=100)
@given(st.sampled_from(WHOLE), st.floats(0, 1, exclude_max=True))
def test_cut_files(seed: tuple[str, bytes], part: float) -> None:
    """A form that states its length is safe as a whole only, once its beginning is there."""
    name, data = seed
    assert hold(name, data[: max(9, int(len(data) * part))]).outcome == "unsafe"

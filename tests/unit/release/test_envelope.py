"""What an envelope says: the keys of one release, for one grant and one device."""

from __future__ import annotations

import os
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.crypto import age
from workbench.encoding import digest
from workbench.errors import InputError, TrustError
from workbench.release import envelope

KEYS = envelope.ReleaseKeys(
    age.HybridIdentity.generate(os.urandom), age.X25519Identity.generate(os.urandom)
)
BOUND: dict[str, str | None] = {
    "release_ref": "lab/model:1.0",
    "manifest": digest(b"manifest"),
    "grant": "gr-1",
    "device": "ab" * 32,
}


def compose(**changes: str | None) -> bytes:
    return envelope.compose(KEYS, **(BOUND | changes))  # type: ignore[arg-type] - by name


def read(text: bytes, **changes: str | None) -> envelope.ReleaseKeys:
    return envelope.read(text, **(BOUND | changes))  # type: ignore[arg-type] - by name


def refused(text: bytes, **changes: str | None) -> TrustError:
    with pytest.raises(TrustError) as caught:
        read(text, **changes)
    assert caught.value.step == "envelope"
    said = "".join(traceback.format_exception(caught.value))
    assert str(KEYS.weights)[20:] not in said
    assert str(KEYS.evidence)[20:] not in said
    return caught.value


@pytest.mark.parametrize("grant", ["gr-1", None])
def test_an_envelope_and_back(grant: str | None) -> None:
    """The same keys, in their places."""
    keys = read(compose(grant=grant), grant=grant)
    assert str(keys.weights) == str(KEYS.weights)
    assert str(keys.evidence) == str(KEYS.evidence)


def test_it_is_an_identity_file() -> None:
    """Any age program takes it as it is."""
    found = [str(identity) for identity in age.parse_identities(compose().decode())]
    assert found == [str(KEYS.weights), str(KEYS.evidence)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"release_ref": "lab/model:1.1"}, "another release"),
        ({"manifest": digest(b"x")}, "another edition"),
        ({"grant": "gr-2"}, "another grant"),
        ({"grant": None}, "another grant"),
        ({"device": "cd" * 32}, "another device"),
    ],
)
def test_it_is_for_one_purpose(change: dict[str, str | None], reason: str) -> None:
    """Read where it was not made for, or made for something else: refused, saying what."""
    assert reason in refused(compose(), **change).message
    assert reason in refused(compose(**change)).message


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    """Replaced, removed or inserted, in the lines that bind and in the keys."""
    good = compose()
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255)).to_bytes()
    candidates = [
        good[:place] + byte + good[place + 1 :],
        good[:place] + good[place + 1 :],
        good[:place] + byte + good[place:],
    ]
    for changed in candidates:
        if changed != good:
            refused(changed)


def test_other_texts() -> None:
    """Lines more, fewer, in another order, with other line ends, or far too many."""
    good = compose()
    lines = good.split(b"\n")
    for text in (
        b"",
        good[:-1],
        good + b"\n",
        good.replace(b"\n", b"\r\n"),
        b"\n".join([*lines[:4], *lines[6:8], *lines[4:6], b""]),
        b"\n".join([lines[1], lines[0], *lines[2:]]),
        good.lower(),
        b"\xff" + good,
        good * 20,
    ):
        refused(text)


@pytest.mark.parametrize("field", sorted(BOUND))
@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "ö", "x" * 301])
def test_what_does_not_fit_on_a_line(field: str, value: str) -> None:
    """A value that could pretend to be two lines is the caller's mistake."""
    with pytest.raises(InputError, match="one line"):
        compose(**{field: value})
    with pytest.raises(InputError, match="one line"):
        read(compose(), **{field: value})


def test_a_dash_is_nobody() -> None:
    """No grant can be called what stands for none."""
    with pytest.raises(InputError, match="dash"):
        compose(grant="-")


def test_keys_do_not_show() -> None:
    """The pair prints nothing of itself."""
    assert "AGE-SECRET" not in repr(KEYS)

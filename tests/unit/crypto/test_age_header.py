"""Headers: the parser accepts exactly what the printer prints, within bounds."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.crypto.reference import header_of, stanza, text
from workbench.crypto import age_header
from workbench.crypto.age_header import Header, Stanza
from workbench.crypto.age_io import Input
from workbench.errors import InputError, TrustError

KEY = b"k" * 16
GOOD = header_of([stanza(["X25519", text(b"s" * 32)], b"b" * 32), stanza(["odd"], b"")], KEY)
NOISE = st.sampled_from(b" \n->=Aa0/\r\x00\xff")
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
STANZAS = st.builds(
    Stanza,
    st.lists(WORDS.filter(lambda word: word != "scrypt"), min_size=1, max_size=4).map(tuple),
    st.binary(max_size=200),
)


def refused(data: bytes) -> str:
    with pytest.raises(TrustError) as caught:
        Header.parse(data)
    assert caught.value.step == "age header"
    return caught.value.message


@settings(deadline=None)
@given(st.lists(STANZAS, min_size=1, max_size=6))
def test_what_is_written_is_read(stanzas: list[Stanza]) -> None:
    """Any stanzas come back as they were, and the code fits the file key and no other."""
    header = age_header.seal(stanzas, KEY)
    assert Header.parse(header.encode()) == header
    header.check(KEY)
    with pytest.raises(TrustError) as caught:
        header.check(b"x" * 16)
    assert caught.value.step == "age header"


@pytest.mark.parametrize("size", [0, 1, 47, 48, 49, 95, 96, 97])
def test_a_body_ends_with_a_short_line(size: int) -> None:
    """Also where the last full line is exactly full, as the specification has it."""
    expected = stanza(["kind"], bytes(size))
    assert Stanza(("kind",), bytes(size)).encode() == expected
    assert Header.parse(header_of([expected], KEY)).stanzas == (Stanza(("kind",), bytes(size)),)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_parses_prints_back_the_same(data: st.DataObject) -> None:
    """After any small change a header is refused, or means something else in its own spelling."""
    changed = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(changed)))
        width = data.draw(st.integers(0, 2))
        changed[place : place + width] = data.draw(
            st.sampled_from(b" \n->=Aa0/\r\x00\xff")
        ).to_bytes()
    try:
        header = Header.parse(bytes(changed))
    except TrustError as error:
        assert error.step == "age header"  # noqa: PT017 - either outcome is right
        return
    assert header.encode() == bytes(changed)


MALFORMED = {
    "another version": GOOD.replace(b"/v1", b"/v2"),
    "carriage returns": GOOD.replace(b"\n", b"\r\n"),
    "no stanza": header_of([], KEY),
    "no code": GOOD[: GOOD.index(b"---")],
    "code without a space": GOOD.replace(b"--- ", b"---"),
    "code too short": GOOD[:-2] + b"\n",
    "code with trailing bits": GOOD[:-2] + (b"B" if GOOD[-2:-1] == b"A" else b"_") + b"\n",
    "no newline at the end": GOOD[:-1],
    "something after the end": GOOD + b"\n",
    "empty argument": GOOD.replace(b"-> odd", b"-> odd  odd"),
    "no argument": GOOD.replace(b"-> odd", b"-> "),
    "space at the end of a line": GOOD.replace(b"-> odd", b"-> odd "),
    "padding": header_of([b"-> odd\nYQ==\n"], KEY),
    "trailing bits": header_of([b"-> odd\nYR\n"], KEY),
    "body without a short line": header_of([b"-> odd\n" + b"A" * 64 + b"\n"], KEY),
    "line too long": header_of([b"-> odd\n" + b"A" * 68 + b"\n"], KEY),
    "text before the first stanza": header_of([b"hello\n"], KEY),
    "not ASCII": header_of(["-> ödd\n\n".encode()], KEY),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str) -> None:
    """Each departure from the grammar is refused at the header."""
    assert refused(MALFORMED[name])


def test_bounds() -> None:
    """A header stays below a size and a number of stanzas, when read and when written."""
    most = header_of([b"-> x\n\n"] * age_header.MAX_STANZAS, KEY)
    assert len(Header.parse(most).stanzas) == age_header.MAX_STANZAS
    assert "stanzas" in refused(header_of([b"-> x\n\n"] * (age_header.MAX_STANZAS + 1), KEY))
    assert "longer than" in refused(header_of([stanza(["x"], bytes(70_000))], KEY))
    with pytest.raises(InputError, match="too many"):
        age_header.seal([Stanza(("x",), b"")] * (age_header.MAX_STANZAS + 1), KEY)
    with pytest.raises(InputError, match="too many"):
        age_header.seal([Stanza(("x",), bytes(70_000))], KEY)


def test_an_endless_header_is_not_read_to_its_end() -> None:
    """No more than the bound and a little is taken from a source that never ends its header."""
    source = io.BytesIO(age_header.VERSION_LINE + b"-> x\n\n" * 1_000_000)
    with pytest.raises(TrustError) as caught:
        age_header.read(Input(source))
    assert caught.value.step == "age header"
    assert source.tell() <= age_header.MAX_HEADER + 2 * 4096


@settings(deadline=None)
@given(st.lists(STANZAS, min_size=1, max_size=40), st.binary(max_size=9000))
def test_the_payload_starts_right_after(stanzas: list[Stanza], after: bytes) -> None:
    """Reading takes the header and leaves every byte behind it."""
    encoded = age_header.seal(stanzas, KEY).encode()
    source = Input(io.BytesIO(encoded + after))
    header, size = age_header.read(source)
    assert (header.encode(), size) == (encoded, len(encoded))
    assert source.take(10_000) == after

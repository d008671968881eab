"""Age files as text: one spelling, with a little white space around it and nothing more."""

from __future__ import annotations

import base64
import io
import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.crypto import age, age_armor
from workbench.crypto.age_io import Input
from workbench.errors import TrustError

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----\n"
END = b"-----END AGE ENCRYPTED FILE-----\n"
ALICE = age.X25519Identity(b"\x01" * 32)


def armored(data: bytes) -> bytes:
    """Write the armor with the standard library alone."""
    encoded = base64.b64encode(data)
    lines = [encoded[start : start + 64] + b"\n" for start in range(0, len(encoded), 64)]
    return BEGIN + b"".join(lines) + END


def written(data: bytes, step: int) -> bytes:
    target = io.BytesIO()
    writer = age_armor.ArmorWriter(target)
    for start in range(0, len(data), step):
        writer.write(memoryview(data[start : start + step]))
    writer.finish()
    return target.getvalue()


def read(text: bytes) -> bytes:
    return age_armor.dearmor(Input(io.BytesIO(text))).take(2_000_000)


def refused(text: bytes) -> str:
    with pytest.raises(TrustError) as caught:
        read(text)
    assert caught.value.step == "age armor"
    return caught.value.message


GOOD = armored(Random(1).randbytes(100))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=400), st.integers(1, 100))
def test_written_as_the_standard_library_would(data: bytes, step: int) -> None:
    """Whatever the portions it is written in, the text is the same and gives the bytes back."""
    assert written(data, step) == armored(data)
    assert read(armored(data)) == data


@pytest.mark.parametrize("size", [47, 48, 49, 256 * 1024, 192 * 1024 + 1, 1_000_000])
def test_every_length(size: int) -> None:
    """Full last lines, and texts longer than what is read at a time."""
    data = Random(size).randbytes(size)
    assert written(data, 10_000) == armored(data)
    assert read(armored(data)) == data
    assert read(armored(data).replace(b"\n", b"\r\n")) == data


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_other_text_is_refused_or_the_same(data: st.DataObject) -> None:
    """After any small change the text is refused, or it is the one spelling of what it gives."""
    changed = bytearray(GOOD)
    place = data.draw(st.integers(0, len(changed)))
    width = data.draw(st.integers(0, 2))
    changed[place : place + width] = data.draw(
        st.sampled_from([b"", b" ", b"\n", b"\r\n", b"=", b"A", b"-", b"\x00", b"\t"])
    )
    text = bytes(changed)
    if not text.lstrip(b" \t\r\n").startswith(b"-----"):
        return  # this is taken for a binary file, and fails as one
    try:
        found = read(text)
    except TrustError as error:
        assert error.step == "age armor"  # noqa: PT017 - either outcome is right
        return
    assert armored(found).strip() == text.strip()


MALFORMED = {
    "another first line": GOOD.replace(b"BEGIN AGE", b"BEGIN OLD"),
    "first line with a space": GOOD.replace(BEGIN, BEGIN[:-1] + b" \n"),
    "another last line": GOOD.replace(b"END AGE", b"END OLD"),
    "no last line": GOOD[: -len(END)],
    "cut off in the last line": GOOD[:-10],
    "cut off in a line": GOOD[:80],
    "only a first line": BEGIN,
    "an empty line": BEGIN + b"\n" + GOOD[len(BEGIN) :],
    "an empty line before the end": GOOD.replace(END, b"\n" + END),
    "a short line before the last": BEGIN + b"YWFh\n" + GOOD[len(BEGIN) :],
    "a long line": BEGIN + b"A" * 68 + b"\n" + END,
    "no padding": BEGIN + b"YQ\n" + END,
    "trailing bits": BEGIN + b"YR==\n" + END,
    "padding in the middle": BEGIN + b"YQ==YQ==\n" + END,
    "URL alphabet": BEGIN + b"_-_-\n" + END,
    "space in a line": BEGIN + b"YW Fh\n" + END,
    "headers": BEGIN + b"Comment: hello\n\n" + GOOD[len(BEGIN) :],
    "something after it": GOOD + b"hello\n",
    "twice": GOOD + GOOD,
    "line ends that differ": GOOD.replace(b"\n", b"\r\n", 1),
    "one lone newline": GOOD.replace(b"\n", b"\r\n").replace(b"\r\n-----END", b"\n-----END"),
    "carriage returns alone": GOOD.replace(b"\n", b"\r"),
    "too much space before": b" " * 1025 + GOOD,
    "too much space after": GOOD + b"\n" * 1025,
    "an endless line": BEGIN + b"A" * 600_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str) -> None:
    """Each departure from strict armor is refused as such."""
    assert refused(MALFORMED[name])


@pytest.mark.parametrize(
    "text", [b" \r\n\t" + GOOD, GOOD + b" \n\t\r\n", GOOD[:-1], b"\n" * 1024 + GOOD]
)
def test_white_space_around_it_is_allowed(text: bytes) -> None:
    """As the specification says, so that mail and editors do no harm."""
    assert read(text) == read(GOOD)


def test_nothing_in_it() -> None:
    """An armor around nothing is an armor, but no age file."""
    assert read(BEGIN + END) == b""
    with pytest.raises(TrustError) as caught:
        age.decrypt_bytes(BEGIN + END, [ALICE])
    assert caught.value.step == "age header"


def test_binary_files_pass_through() -> None:
    """Whoever reads need not know which of the two forms it is."""
    assert read(b"age-encryption.org/v1\n") == b"age-encryption.org/v1\n"
    assert read(b"") == b""


def test_an_armored_file_from_end_to_end() -> None:
    """Sealed as text, opened as text; a changed letter is noticed by the header or the content."""
    sealed = age.encrypt_bytes(b"text", [ALICE.recipient], random=os.urandom, armor=True)
    assert sealed.startswith(BEGIN)
    assert sealed.endswith(END)
    assert age.decrypt_bytes(sealed, [ALICE]) == b"text"
    place = len(sealed) - len(END) - 10
    letter = b"B" if sealed[place : place + 1] == b"A" else b"A"
    with pytest.raises(TrustError) as caught:
        age.decrypt_bytes(sealed[:place] + letter + sealed[place + 1 :], [ALICE])
    assert caught.value.step == "age payload"

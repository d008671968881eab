"""The one byte form: RFC 8785 as published, and strict about everything that comes from outside."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import encoding
from workbench.errors import InputError

EXACT = 2**53 - 1
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_the_example_of_the_standard() -> None:
    """RFC 8785 section 3.2.2, byte for byte."""
    source = rb"""{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"""
    expected = (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert encoding.canonical(encoding.parse(source)) == expected.encode()


def test_names_are_sorted_as_the_standard_has_it() -> None:
    """RFC 8785 section 3.2.3: by UTF-16 code units, not by code points."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = json.loads(encoding.canonical(dict.fromkeys(names, 0)), object_pairs_hook=list)
    assert [name for name, _ in found] == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_is_read(value: Any) -> None:
    """Any JSON value comes back equal, and prints as it was."""
    data = encoding.canonical(value)
    again = encoding.parse_canonical(data)
    assert again == value
    assert encoding.canonical(again) == data


@settings(max_examples=150, deadline=None)
@given(VALUES, st.data())
def test_whatever_parses_prints_back_the_same(value: Any, data: st.DataObject) -> None:
    """After a small change the bytes are refused, or are the one spelling of another value."""
    good = encoding.canonical(value)
    place = data.draw(st.integers(0, len(good)))
    width = data.draw(st.integers(0, 2))
    noise = data.draw(st.sampled_from([b"", b" ", b"0", b".0", b"e1", b'"', b",", b"\\", b"\xff"]))
    changed = good[:place] + noise + good[place + width :]
    try:
        found = encoding.parse_canonical(changed)
    except InputError:
        return
    assert encoding.canonical(found) == changed


OTHER_SPELLINGS = [
    b' {"a":1}',
    b'{"a":1}\n',
    b'{"a": 1}',
    b'{"b":1,"a":2}',
    b'{"a":1.0}',
    b'{"a":1e0}',
    b'{"a":-0}',
    b'{"a":"\\u0061"}',
    b'{"a":"\\/"}',
    b'{"a":"\\u000A"}',
]


@pytest.mark.parametrize("data", OTHER_SPELLINGS)
def test_other_spellings_are_not_canonical(data: bytes) -> None:
    """JSON that says the same in other bytes is read by one function and refused by the other."""
    encoding.parse(data)
    with pytest.raises(InputError, match="canonical form"):
        encoding.parse_canonical(data)


HOSTILE = {
    "nothing": b"",
    "white space": b"  ",
    "two values": b"1 2",
    "no JSON": b"hello",
    "single quotes": b"{'a':1}",
    "a comma too many": b"[1,]",
    "a comment": b"[1] // one",
    "a name twice": b'{"a":1,"a":2}',
    "a name twice, deep": b'[[{"a":1,"b":2,"a":1}]]',
    "the same name in two spellings": b'{"a":1,"\\u0061":2}',
    "not a number": b"[NaN]",
    "infinity": b"[Infinity]",
    "minus infinity": b"[-Infinity]",
    "a huge integer": b"9007199254740993",
    "a huge negative integer": b"-9007199254740993",
    "an integer that a float spells otherwise": b"1000000000000000000000",
    "a very long integer": b"1" * 5000,
    "a leading zero": b"01",
    "a plus sign": b"+1",
    "not UTF-8": b'"\xff"',
    "UTF-16": '"a"'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf1",
    "a surrogate": b'"\xed\xa0\x80"',
    "a raw newline in a text": b'"a\nb"',
    "a zero byte": b"\x00",
    "too deep, lists": b"[" * 65 + b"]" * 65,
    "too deep, objects": b'{"a":' * 65 + b"1" + b"}" * 65,
    "very deep": b"[" * 1_000_000,
    "deep after a text": b'["[[", ' + b"[" * 64 + b"]" * 65,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_documents(what: str) -> None:
    """One plain error for whatever is not strict JSON within bounds."""
    with pytest.raises(InputError):
        encoding.parse(HOSTILE[what])


def test_bounds_hold_exactly() -> None:
    """The deepest, largest and longest that is allowed, is."""
    assert encoding.parse(b"[" * 64 + b"]" * 64)
    assert encoding.parse(b'["' + b"[" * 100 + b'"]') == ["[" * 100]
    assert encoding.parse(b'["\\"[[' + b"[" * 100 + b'"]') == ['"[[' + "[" * 100]
    assert encoding.parse(b"9007199254740991") == EXACT
    assert encoding.parse(b'"12345678"', limit=10) == "12345678"
    with pytest.raises(InputError, match="over the limit of 9"):
        encoding.parse(b'"12345678"', limit=9)
    with pytest.raises(InputError, match="over the limit"):
        encoding.parse(b" " * (encoding.MAX_JSON + 1))


def test_unfinished_texts_are_scanned_once() -> None:
    """A document made to be scanned from each of its quotes would take longer than any test may."""
    for data in (b'"' * 1_000_000, b'"\\' * 500_000, b'["\\"' * 300_000):
        with pytest.raises(InputError):
            encoding.parse(data)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 2**53, -(2**53), "\ud800", {1: 2}, {"a": object()}, b"x", {1}]
)
def test_what_has_no_byte_form(value: Any) -> None:
    """Values that JSON cannot hold, or that two readers would read differently."""
    with pytest.raises(InputError, match="no canonical JSON form"):
        encoding.canonical(value)


def test_what_is_nested_without_end_has_no_byte_form() -> None:
    """A value that holds itself ends in the same error."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InputError, match="no canonical JSON form"):
        encoding.canonical(value)


@pytest.mark.parametrize("number", [2.0**53, -(2.0**53), 1e17, 123456789012345680000.0, 1e20])
def test_large_floats_come_back(number: float) -> None:
    """They are written as integers are, and must be read although integers of that size are not."""
    data = encoding.canonical({"loss": number})
    assert b"." not in data
    assert b"e" not in data
    assert encoding.parse_canonical(data) == {"loss": number}


def test_digests() -> None:
    """The OCI spelling of SHA-256, and no other."""
    assert encoding.digest(b"x") == "sha256:" + hashlib.sha256(b"x").hexdigest()
    good = encoding.digest(b"x")
    assert encoding.check_digest(good) == good
    for other in ("", good[:-1], good + "0", good + "\n", good.upper(), good[7:], "md5:00"):
        with pytest.raises(InputError, match="Not a sha256 digest"):
            encoding.check_digest(other)


@given(st.binary(max_size=100))
def test_base64_and_back(data: bytes) -> None:
    """As the standard library writes it."""
    assert encoding.b64encode(data) == base64.b64encode(data).decode()
    assert encoding.b64decode(encoding.b64encode(data)) == data


@pytest.mark.parametrize(
    "text", ["YQ", "YQ=", "YR==", "YQ==\n", " YQ==", "Y Q==", "_-8=", "YQ===", "=", "ü", "YQ==YQ=="]
)
def test_base64_has_one_spelling(text: str) -> None:
    """Padding, alphabet, white space and the last bits are all fixed."""
    with pytest.raises(InputError, match="Not canonical base64"):
        encoding.b64decode(text)

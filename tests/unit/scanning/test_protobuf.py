"""Messages of Protocol Buffers: fields that are passed over are the ones that were asked to be."""

from __future__ import annotations

import io
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.scanning import protobuf
from workbench.scanning.contract import Budget
from workbench.scanning.protobuf import BYTES, FIXED32, FIXED64, VARINT, Field, fields, walk
from workbench.scanning.streams import Malformed

PASSED = {1, 2, 300}


def spelled(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(number: int, wire: int, value: int) -> bytes:
    tag = spelled(number << 3 | wire)
    if wire == VARINT:
        return tag + spelled(value)
    if wire == BYTES:
        return tag + spelled(value % 50) + bytes(value % 50)
    return tag + (value % 2**32).to_bytes(8 if wire == FIXED64 else 4, "little")


FIELDS = st.lists(
    st.builds(
        field,
        st.sampled_from([1, 2, 15, 16, 300]),
        st.sampled_from([VARINT, BYTES, FIXED32, FIXED64]),
        st.integers(0, 2**64 - 1),
    ).flatmap(lambda one: st.integers(1, 40).map(lambda times: one * times)),
    max_size=20,
).map(b"".join)


def read(data: bytes, *, once: bool) -> list[Field] | str:
    budget = Budget(lambda: 0.0)
    try:
        return list(fields(io.BytesIO(data), 0, len(data), budget, PASSED if once else ()))
    except Malformed as error:
        return str(error)


def kinds(found: list[Field]) -> list[tuple[int, int]]:
    """Field after field, without those to pass that follow one of their own."""
    shown = []
    for (number, wire), group in groupby((one.number, one.wire) for one in found):
        shown += [(number, wire)] if number in PASSED else list(group)
    return shown


@given(FIELDS, st.sampled_from([20, 64, 1 << 14]))
def test_only_repeated_numbers_are_passed_over(data: bytes, ahead: int) -> None:
    """Whatever is read at once, and wherever a piece of it ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protobuf, "AHEAD", ahead)
        everything, some = read(data, once=False), read(data, once=True)
    assert isinstance(everything, list)
    assert isinstance(some, list)
    assert kinds(some) == kinds(everything)
    assert set(some) <= set(everything)


def test_how_many_are_passed_over() -> None:
    """All that are short: numbers, and texts such as the names of branches."""
    for wire, value in ((VARINT, 2**63), (FIXED32, 7), (BYTES, 10)):
        assert len(read(field(1, wire, value) * 99, once=True)) == 1
        assert len(read(field(15, wire, value) * 99, once=True)) == 99


@given(st.binary(max_size=200) | FIELDS.map(lambda data: data[:-1]))
def test_what_is_no_message_is_none_either_way(data: bytes) -> None:
    everything, some = read(data, once=False), read(data, once=True)
    assert isinstance(everything, str) is isinstance(some, str)
    if isinstance(everything, str):
        assert some == everything


def test_long_lists_are_read_in_few_steps() -> None:
    """A million numbers cost no more than the pieces that they are read in."""
    inner = field(8, VARINT, 300) * 1_100_000
    data = spelled(5 << 3 | BYTES) + spelled(len(inner)) + inner
    budget = Budget(lambda: 0.0)
    schema = {"node": {5: "attribute"}}
    found = list(walk(io.BytesIO(data), schema, "node", len(data), budget, {"attribute": {8}}))
    assert [message.kind for message, _ in found] == ["node", "attribute"]
    assert budget.steps < 1000
    with pytest.raises(Malformed, match="too many parts"):
        list(walk(io.BytesIO(data), schema, "node", len(data), Budget(lambda: 0.0)))

"""The stream of signs, checked against Philox and HMAC written out by hand."""

from __future__ import annotations

import hashlib
import struct
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.marking.conftest import KEY, MODEL
from workbench.errors import InputError
from workbench.marking.signs import Signs, seed

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = 2**64 - 1


def philox(key: tuple[int, int], counter: int) -> tuple[int, int, int, int]:
    """One block of Philox4x64-10, as Salmon et al. (2011) give it."""
    x = [counter >> 64 * i & MASK for i in range(4)]
    k = list(key)
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
        x = [
            (second >> 64) ^ x[1] ^ k[0],
            second & MASK,
            (first >> 64) ^ x[3] ^ k[1],
            first & MASK,
        ]
        k = [(k[0] + 0x9E3779B97F4A7C15) & MASK, (k[1] + 0xBB67AE8584CAA73B) & MASK]
    return x[0], x[1], x[2], x[3]


def test_philox_by_hand_gives_the_published_answer() -> None:
    """The known answers that are published with Random123 (kat_vectors, philox4x64 10)."""
    assert philox((0, 0), 0) == (
        *(0x16554D9ECA36314C, 0xDB20FE9D672D0FDC),
        *(0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    )
    assert philox((MASK, MASK), 2**256 - 1) == (
        *(0x87B092C3013FE90B, 0x438C3C67BE8D0224),
        *(0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    )


def by_hand(digest: bytes) -> Iterator[int]:
    words = struct.unpack("<4Q", digest)
    counter = words[2] << 128 | words[3] << 192
    while True:
        counter += 1
        for word in philox((words[0], words[1]), counter):
            yield from (2 * (word >> bit & 1) - 1 for bit in range(64))


def test_signs_are_those_that_the_module_says() -> None:
    block = bytes(one ^ 0x36 for one in KEY.ljust(64, b"\0"))
    outer = bytes(one ^ 0x5C for one in KEY.ljust(64, b"\0"))
    message = b"sharing-workbench mark v1\0"
    for text in (MODEL, "grünt", "layers.0"):
        data = text.encode()
        message += struct.pack(">I", len(data)) + data
    digest = hashlib.sha256(outer + hashlib.sha256(block + message).digest()).digest()
    assert seed(KEY, MODEL, "grünt", "layers.0") == digest
    assert Signs(digest).take(1000).tolist() == list(islice(by_hand(digest), 1000))


def test_pieces_are_the_whole() -> None:
    whole = Signs(bytes(32)).take(1000)
    stream = Signs(bytes(32))
    pieces = [stream.take(64), stream.take(640), stream.take(296)]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_every_field_counts_and_none_runs_into_the_next() -> None:
    seeds = {
        seed(KEY, MODEL, "a", "b"),
        seed(bytes(32), MODEL, "a", "b"),
        seed(KEY, MODEL[:-1], "1a", "b"),
        seed(KEY, MODEL, "ab", ""),
        seed(KEY, MODEL, "", "ab"),
    }
    assert len(seeds) == 5


def test_signs_are_fair() -> None:
    """About as many of either, and no two streams alike; the bounds are six standard deviations."""
    one = Signs(seed(KEY, MODEL, "a", "w")).take(100_000)
    other = Signs(seed(KEY, MODEL, "b", "w")).take(100_000)
    assert abs(one.sum()) < 6 * 100_000**0.5
    assert abs((one * other).sum()) < 6 * 100_000**0.5
    assert abs((one[1:] * one[:-1]).sum()) < 6 * 100_000**0.5


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(InputError, match="32 bytes"):
        seed(bytes(length), MODEL, "a", "b")

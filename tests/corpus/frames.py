"""Pickles whose frame, protocol, length or end is not what it says."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assembly import EVAL, value, whole
from tests.corpus.sample import Hostile, dropped

__all__ = ["frames"]


def _rows() -> list[tuple[str, str, bytes]]:
    def frame(length: int) -> bytes:
        return b"\x95" + struct.pack("<Q", length)

    return [
        ("frame-short", "the frame ends in the middle of an opcode", whole(frame(3) + EVAL)),
        ("frame-zero", "a frame of no bytes", whole(frame(0) + EVAL)),
        ("frame-nested", "a frame in a frame", whole(frame(40) + frame(12) + EVAL)),
        (
            "frame-huge-after",
            "loading fails, but only after the call",
            whole(EVAL + frame(1 << 62)),
        ),
        ("no-proto", "opcodes of protocol 4 without PROTO", whole(EVAL, None)),
        ("proto-lie", "opcodes of protocol 4 under protocol 0", whole(EVAL, 0)),
        ("proto-again", "PROTO in the middle", b"\x80\x04" + whole(EVAL, 2)),
        (
            "proto-255-after",
            "an unknown protocol, but only after the call",
            whole(EVAL + b"\x80\xff"),
        ),
        (
            "broken-after",
            "an unknown opcode after the call (nullifAI)",
            b"\x80\x04" + EVAL + b"\xff",
        ),
        ("underflow-after", "the stack runs empty after the call", b"\x80\x04" + EVAL + b"000."),
        ("no-stop", "the file ends after the call", b"\x80\x04" + EVAL),
        (
            "cut-after",
            "the file ends within a text after the call",
            b"\x80\x04" + EVAL + b"X\xff\0\0\0ab",
        ),
        (
            "huge-text-after",
            "a text of exabytes after the call",
            b"\x80\x04" + EVAL + b"\x8d" + b"\xff" * 8,
        ),
        (
            "huge-bytes-after",
            "a bytearray of exabytes after the call",
            b"\x80\x05" + EVAL + b"\x96" + b"\xff" * 7 + b"\x7f",
        ),
        ("second-pickle", "a second pickle after STOP", whole(value({"a": 1}), after=whole(EVAL))),
        (
            "third-pickle",
            "a third pickle after two harmless ones",
            whole(value(1)) + whole(value(2)) + whole(EVAL),
        ),
        (
            "after-padding",
            "a second pickle after zeros",
            whole(value(1), after=b"\0" * 64 + whole(EVAL)),
        ),
        (
            "after-newline",
            "a second pickle after an empty line",
            whole(value(1), after=b"\n" + whole(EVAL)),
        ),
        (
            "buffer",
            "a buffer that travels outside of the file, and a call",
            b"\x80\x05" + EVAL + b"0\x97\x98.",
        ),
    ]


def frames() -> Iterator[Hostile]:
    """Every way for a pickle to be broken and to run all the same."""
    yield from dropped("frames", ((trick, "model.pkl", why, data) for trick, why, data in _rows()))

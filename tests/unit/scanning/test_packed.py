"""Compressed streams and tar archives: looked through to the last byte, at a bounded cost."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import joblib
import lz4.frame
import numpy as np
import pandas as pd
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import OS_SYSTEM, budget, look_at, rules, unsafe, zipped
from workbench.findings.scan import Outcome
from workbench.scanning.compressed import COMPRESSED
from workbench.scanning.contract import Exhausted
from workbench.scanning.streams import Malformed
from workbench.scanning.unpacking import IN_MEMORY, pieces_of, unpacked

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
}
each = pytest.mark.parametrize("kind", PACK)


def out_of(data: bytes, kind: str) -> bytes:
    begin, again = COMPRESSED[kind]
    stream = io.BytesIO(b"??" + data)
    inner, size = unpacked(
        lambda: pieces_of(stream, 2, len(data), begin, again), budget(), len(data)
    )
    read = inner.read()
    assert len(read) == size
    return read


@each
@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=3000))
def test_unpacks_what_was_packed(kind: str, data: bytes) -> None:
    assert out_of(PACK[kind](data), kind) == data


@each
def test_looks_into_what_is_packed(kind: str) -> None:
    assert look_at(PACK[kind](b"hello")).outcome is Outcome.safe
    found = unsafe(PACK[kind](OS_SYSTEM), "pickle-global")
    assert found.findings[0].where == "file → contents"
    assert found.kind == f"{kind} of pickle"


@each
def test_refuses_what_is_cut_off_or_goes_on(kind: str) -> None:
    data = PACK[kind](b"hello there" * 100)
    unsafe(data[:-1], "damaged")
    unsafe(data + b"more", "damaged")
    if kind in ("gzip", "bzip2", "xz"):
        assert out_of(data + data + bytes(8), kind) == b"hello there" * 200
        unsafe(data + PACK[kind](b"") + b"x", "damaged")


@each
def test_a_bomb_costs_no_more_than_the_limit(kind: str) -> None:
    found = look_at(PACK[kind](bytes(40 << 20)), expanded=1 << 20)
    assert "too-large" in rules(found)
    assert found.outcome is Outcome.unsafe


def test_much_is_unpacked_again_rather_than_kept() -> None:
    data = bytes(IN_MEMORY) + b"the end"
    packed = zlib.compress(data)
    spent = budget()
    begin, _ = COMPRESSED["zlib"]
    pieces = partial(pieces_of, io.BytesIO(packed), 0, len(packed), begin)
    with pytest.raises(Exhausted, match="expanded"):  # zeros are not worth so much
        unpacked(pieces, budget(), len(data) // 1001)
    inner, size = unpacked(pieces, spent, len(data) // 999)
    assert size == len(data) == spent.expanded
    inner.seek(-7, io.SEEK_END)
    assert inner.read() == b"the end"
    inner.seek(5)
    assert inner.read(3) == b"\0\0\0"
    assert not isinstance(inner, io.BytesIO)


def test_data_that_ask_for_much_memory_are_refused() -> None:
    header = b"\x5d" + (0xFFFFFFFF).to_bytes(4, "little")
    with pytest.raises(Malformed):
        out_of(header + lzma.compress(b"x", lzma.FORMAT_ALONE)[5:], "lzma")


SKIPPED = b"\x50\x2a\x4d\x18\4\0\0\0abcd"  # a frame that readers pass over


@pytest.mark.parametrize("kind", ["zstd", "lz4"])
def test_one_frame_and_no_more(kind: str) -> None:
    """Some readers stop at its end, others go on: a second one is for neither."""
    packed = PACK[kind](b"hello")
    for data in (packed + packed, packed + PACK[kind](OS_SYSTEM), packed + SKIPPED):
        unsafe(data, "damaged")
    unsafe(SKIPPED + packed, "unknown")
    assert out_of(PACK[kind](b""), kind) == b""


def test_frames_that_ask_for_more_than_they_bring_are_refused() -> None:
    text = b"hello world " * 20
    samples: list[bytes | bytearray | memoryview] = [bytes([n]) * 9 + text for n in range(250)]
    known = zstandard.train_dictionary(1024, samples * 4)
    windows = zstandard.ZstdCompressionParameters(window_log=29)
    wide = zstandard.ZstdCompressor(compression_params=windows).compressobj()
    unsafe(wide.compress(text) + wide.flush(), "damaged")
    unsafe(zstandard.ZstdCompressor(dict_data=known).compress(text), "damaged")
    flagged = bytearray(lz4.frame.compress(text))
    flagged[4] |= 1
    unsafe(bytes(flagged), "damaged")


@pytest.mark.parametrize("kind", ["zstd", "lz4"])
@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 200), patch=st.binary(min_size=1, max_size=4))
def test_changed_frames_are_handled(kind: str, at: int, patch: bytes) -> None:
    data = PACK[kind](np.random.default_rng(1).integers(0, 9, 300, "u1").tobytes())
    at %= len(data)
    assert look_at(data[:at] + patch + data[at + len(patch) :]).outcome in Outcome


def test_tables_and_archives_in_frames(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [1.5, 2.5], "ward": ["a", "b"]})
    frame.to_pickle(tmp_path / "table.pkl.zst")
    found = look_at((tmp_path / "table.pkl.zst").read_bytes())
    assert (found.kind, found.outcome) == ("zstd of pickle", Outcome.allowed)
    found = look_at(lz4.frame.compress(tarred(info("a", 5))))
    assert (found.kind, found.outcome) == ("lz4 of tar", Outcome.safe)
    found = look_at(zstandard.compress(tarred(info("a", 5))))
    assert (found.kind, found.outcome) == ("zstd of tar", Outcome.safe)


@pytest.mark.parametrize(
    "start", [b"\x02\x21\x4c\x18", b"\x1f\x9d", b"Rar!\x1a\x07\x01\x00", b"ZF0x12"]
)
def test_what_cannot_be_unpacked_is_refused(start: bytes) -> None:
    found = unsafe(start + bytes(100), "not-looked-into")
    assert "Unpack it" in found.findings[0].remedy


@pytest.mark.parametrize(
    "compress", [3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3), ("lz4", 3)]
)
def test_compressed_joblib_files(compress: object, tmp_path: object) -> None:
    target = io.BytesIO()
    joblib.dump({"a": np.arange(1000.0), "b": [1, "x"]}, target, compress=compress)
    found = look_at(target.getvalue())
    assert found.outcome is Outcome.allowed, found
    assert "joblib pickle" in found.kind


def test_text_that_only_starts_like_packed_data_is_text() -> None:
    for start in (b"x\x01", b"x^2 + 1 = 0\n", b"x \n"):
        found = look_at(start.replace(b"\x01", b"^") + b"plain words")
        assert (found.kind, found.outcome) == ("text", Outcome.safe)


def tarred(*infos: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return target.getvalue()


def info(
    name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.type, made.linkname = size, kind, link
    return made


FORMS = pytest.mark.parametrize(
    "form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
)


@FORMS
def test_plain_tar_files_are_looked_into(form: int) -> None:
    names = ["./", "./a", "b/c", "d" * 90 + "/" + "e" * 90]
    if form != tarfile.USTAR_FORMAT:
        names += ["f" * 150, "gé"]
    kinds = [tarfile.DIRTYPE if name == "./" else tarfile.REGTYPE for name in names]
    data = tarred(
        *(info(n, 0 if k == tarfile.DIRTYPE else 5, k) for n, k in zip(names, kinds, strict=True)),
        form=form,
    )
    found = look_at(data)
    assert (found.kind, found.outcome) == ("tar", Outcome.safe), found
    packed = look_at(gzip.compress(data))
    assert (packed.kind, packed.outcome) == ("gzip of tar", Outcome.safe)


@FORMS
def test_what_is_in_a_tar_file_is_looked_at(form: int) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        archive.addfile(
            info("m" * 120, len(OS_SYSTEM)) if form else info("m", len(OS_SYSTEM)),
            io.BytesIO(OS_SYSTEM),
        )
    unsafe(target.getvalue(), "pickle-global")


GOOD = tarred(info("a", 5), form=tarfile.USTAR_FORMAT)
TARS = {
    "link": tarred(info("a", 0, tarfile.SYMTYPE, "/etc/passwd")),
    "link up": tarred(info("a/b", 0, tarfile.SYMTYPE, "../../c")),
    "link up by another": tarred(
        info("a/b/here", 0, tarfile.SYMTYPE, "../.."),
        info("a/b/out", 0, tarfile.SYMTYPE, "here/../../c"),
    ),
    "link to a drive": tarred(info("a", 0, tarfile.SYMTYPE, "C:\\b")),
    "something below a link": tarred(info("a", 0, tarfile.SYMTYPE, "b"), info("a/c", 5)),
    "a link twice": tarred(info("a", 0, tarfile.SYMTYPE, "b"), info("a", 5)),
    "hard link": tarred(info("a", 0, tarfile.LNKTYPE, "b")),
    "device": tarred(info("a", 0, tarfile.CHRTYPE)),
    "pipe": tarred(info("a", 0, tarfile.FIFOTYPE)),
    "out of the folder": tarred(info("../a", 1)),
    "absolute": tarred(info("/a", 1)),
    "the same twice": tarred(info("a", 1), info("a", 1)),
    "cut off": GOOD[:600],
    "something after its end": GOOD + b"x" * 512,
    "wrong checksum after the first": tarred(info("a", 1))[:1024] + b"x" * 1024,
    "sparse": tarred(info("a", 0, tarfile.GNUTYPE_SPARSE), form=tarfile.GNU_FORMAT),
}


@pytest.mark.parametrize("data", TARS.values(), ids=TARS.keys())
def test_refuses_tar_files_that_are_dangerous_to_unpack(data: bytes) -> None:
    unsafe(data, "damaged")


@FORMS
def test_links_within_a_tar_file_are_fine(form: int) -> None:
    data = tarred(
        info("best", 0, tarfile.SYMTYPE, "runs/3/model"),
        info("runs/last", 0, tarfile.SYMTYPE, "./3"),
        info("runs/3/all", 0, tarfile.SYMTYPE, "../.."),
        info("runs/3/model", 5),
        form=form,
    )
    assert look_at(data).outcome is Outcome.safe


def test_refuses_settings_that_change_how_a_tar_file_is_read() -> None:
    for key in ("GNU.sparse.name", "hdrcharset", "linkpath", "SCHILY.filetype"):
        one = info("a", 1)
        one.pax_headers = {key: "1"}
        unsafe(tarred(one), "damaged")


def test_archives_in_a_tar_file_are_looked_at() -> None:
    """The last one is found from the end of the tar file as well, which adds nothing."""
    for inner, outcome in ((b"hello\n", Outcome.safe), (OS_SYSTEM, Outcome.unsafe)):
        data = zipped({"a": inner})
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w") as archive:
            archive.addfile(info("model.ckpt", len(data)), io.BytesIO(data))
        assert look_at(target.getvalue()).outcome is outcome


def test_a_pickle_in_the_name_of_a_tar_file() -> None:
    """Its first bytes are the first member's name, and a pickle needs no more."""
    name = OS_SYSTEM.decode().rstrip("\0")
    unsafe(tarred(info(name, 1), form=tarfile.USTAR_FORMAT), "polyglot")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1535), st.binary(min_size=1, max_size=4))
def test_changed_tar_files_are_handled(at: int, patch: bytes) -> None:
    data = GOOD[:at] + patch + GOOD[at + len(patch) :]
    assert look_at(data).outcome in Outcome

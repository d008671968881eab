"""A sealed file that somebody made up: bounded, refused, and nothing left behind."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.stores.shares import BLOBS, INDEX, OCI_LAYOUT, blob_path, made, member, save
from workbench.errors import InputError
from workbench.stores import archive
from workbench.stores.archive import ShareFile


def sparse(path: Path) -> Path:
    info, data = member(blob_path(b"x"), b"x" * 512, type=tarfile.GNUTYPE_SPARSE)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % (1 << 33)  # real size, GNU old sparse
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with made(path).open("r+b") as file:
        file.seek(4 * 512)  # after the two documents
        file.write(bytes(header) + data + bytes(1024))
    return path


def with_size_field(path: Path, field: bytes) -> Path:
    save(path, [b"x"])
    data = bytearray(path.read_bytes())
    start = data.index(b"blobs/sha256/")
    data[start + 124 : start + 136] = field
    data[start + 148 : start + 156] = b" " * 8
    data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    path.write_bytes(data)
    return path


def compressed(path: Path) -> Path:
    with gzip.open(path, "wb") as file:
        file.write(bytes(1 << 24))
    return path


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("oci-layout", bytes(1 << 24))
    return path


def plain(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


def of(name: str, data: bytes = b"", **fields: object) -> Callable[[Path], Path]:
    return lambda path: made(path, member(name, data, **fields))


def twice(path: Path) -> Path:
    return made(path, *[member(blob_path(b"x"), b"x")] * 2)


def cut(size: int) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        data = save(path, BLOBS).read_bytes()
        path.write_bytes(data[:size])
        return path

    return make


def extended(extra: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        with save(path, BLOBS).open("ab") as file:
            file.write(extra)
        return path

    return make


def pax(path: Path) -> Path:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        info, data = member("oci-layout", OCI_LAYOUT, pax_headers={"path": "../evil"})
        tar.addfile(info, io.BytesIO(data))
    return path


def dirty_padding(path: Path) -> Path:
    data = bytearray(save(path, BLOBS).read_bytes())
    data[512 + len(OCI_LAYOUT)] = 1
    path.write_bytes(data)
    return path


def prefixed(path: Path) -> Path:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        info, data = member("p" * 90 + "/" + "blobs/sha256/" + "0" * 64, b"")
        tar.addfile(info, io.BytesIO(data))
    return path


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


FULL = 512 * 2 + 512 * 2 + 512 * 2 + 512 + 512 * 2 + 512 + 70_144

HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (plain(b""), "too short"),
    "text": (plain(b"hello\n" * 500), "not a tar file"),
    "zeros": (plain(bytes(4096)), "no usable index.json"),
    "gzip": (compressed, "gzip file; unpack it with gunzip"),
    "zip": (zipped, "zip file"),
    "age": (plain(b"age-encryption.org/v1\n" * 100), "a single age file"),
    "fifo": (fifo, "not an ordinary file"),
    "folder": (folder, "not an ordinary file"),
    "symlink": (of("index.json", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "holds a link"),
    "hard link": (of(blob_path(b"x"), type=tarfile.LNKTYPE, linkname="oci-layout"), "holds a link"),
    "device": (of("blobs/sha256/" + "0" * 64, type=tarfile.CHRTYPE), "a device"),
    "fifo inside": (of("blobs/sha256/" + "0" * 64, type=tarfile.FIFOTYPE), "has no place"),
    "contiguous": (of(blob_path(b""), type=tarfile.CONTTYPE), "has no place"),
    "sparse": (sparse, "has no place"),
    "pax": (pax, "has no place"),
    "long name": (of("n" * 200), "has no place"),
    "prefix": (prefixed, "has no place"),
    "absolute": (of("/etc/passwd"), "has no place in it"),
    "dots": (of("blobs/sha256/../../../evil"), "has no place in it"),
    "dot slash": (of("./oci-layout", b"x"), "has no place in it"),
    "other file": (of("readme.txt"), "'readme.txt', which has no place"),
    "other folder": (of("evil", type=tarfile.DIRTYPE), "has no place in it"),
    "not ascii": (of("blobs/sha256/" + "é" * 30), "has no place in it"),
    "short digest": (of("blobs/sha256/abc"), "has no place in it"),
    "upper digest": (of("blobs/sha256/" + "A" * 64), "has no place in it"),
    "link name": (of(blob_path(b"x"), linkname="x"), "has no place in it"),
    "twice": (twice, "twice"),
    "full folder": (of("blobs/sha256", b"x" * 9, type=tarfile.DIRTYPE), "folder in it has"),
    "cut in a blob": (cut(FULL - 1000), "cut off"),
    "cut between blobs": (cut(3072), "cut off"),
    "cut in the end": (cut(FULL + 512), "cut off"),
    "cut before the end": (cut(FULL), "cut off"),
    "something after": (extended(b"\0" * 600 + b"x"), "something after"),
    "too much after": (extended(bytes(2 << 20)), "something after"),
    "padding": (dirty_padding, "something between"),
    "size negative": (lambda p: with_size_field(p, b"\xff" * 12), "no valid size"),
    "size enormous": (lambda p: with_size_field(p, b"\x80" + b"\xff" * 11), "cut off"),
    "size octal beyond": (lambda p: with_size_field(p, b"77777777777\0"), "cut off"),
    "size words": (lambda p: with_size_field(p, b"-1         \0"), "no valid size"),
    "size empty": (lambda p: with_size_field(p, b"\0" * 12), "no valid size"),
}


class TestHostile:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_is_refused_with_its_reason(self, tmp_path: Path, name: str) -> None:
        """Bad input of every kind, in the same class and with its own words."""
        make, words = HOSTILE[name]
        path = make(tmp_path / "evil.share")
        with pytest.raises(InputError, match=words) as caught:
            ShareFile(path)
        assert caught.value.message.startswith("evil.share is not a usable .share file: ")
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize("left_out", ["oci-layout", "index.json"])
    def test_a_layout_without_its_documents_is_refused(self, tmp_path: Path, left_out: str) -> None:
        """Each missing document is named."""
        with tarfile.open(tmp_path / "f", "w", format=tarfile.GNU_FORMAT) as tar:
            for info, data in (member("oci-layout", OCI_LAYOUT), member("index.json", INDEX)):
                if info.name != left_out:
                    tar.addfile(info, io.BytesIO(data))
        with pytest.raises(InputError, match=f"no usable {left_out}"):
            ShareFile(tmp_path / "f")

    @pytest.mark.parametrize("text", [b'{"imageLayoutVersion":"2.0.0"}', b"{}", b"[", b"\xff"])
    def test_another_layout_version_is_refused(self, tmp_path: Path, text: bytes) -> None:
        """We do not guess about a later version of the layout."""
        with tarfile.open(tmp_path / "f", "w", format=tarfile.GNU_FORMAT) as tar:
            for info, data in (member("oci-layout", text), member("index.json", INDEX)):
                tar.addfile(info, io.BytesIO(data))
        with pytest.raises(InputError):
            ShareFile(tmp_path / "f")

    def test_the_number_of_entries_is_bounded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file of nothing but headers does not fill the memory."""
        monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
        save(tmp_path / "good", BLOBS[:3])
        ShareFile(tmp_path / "good").close()
        save(tmp_path / "bad", BLOBS)
        with pytest.raises(InputError, match="more than 5 entries"):
            ShareFile(tmp_path / "bad")

    def test_a_huge_index_is_refused(self, tmp_path: Path) -> None:
        """Documents that are loaded are bounded."""
        save(tmp_path / "f", [], b" " * (archive.MAX_JSON + 1))
        with pytest.raises(InputError, match="no usable index"):
            ShareFile(tmp_path / "f")

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 6655), st.integers(0, 255)), min_size=1, max_size=3),
        st.integers(0, 6656),
    )
    def test_damage_never_ends_in_another_error(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        changes: list[tuple[int, int]],
        length: int,
    ) -> None:
        """Any changed bytes and any cut: read as a layout, or refused in our own words."""
        path = tmp_path_factory.getbasetemp() / "damaged.share"
        data = bytearray(save(path, [b"abc", b"x" * 600]).read_bytes())
        for place, value in changes:
            data[place % len(data)] = value
        path.write_bytes(data[: max(length, 512)] if length % 3 == 0 else data)
        with suppress(InputError), ShareFile(path) as share:  # any other error fails the test
            for name in share.digests():
                assert len(share.open(name).read()) == share.size(name)

    def test_every_flipped_header_bit_is_refused_or_harmless(self, share: Path) -> None:
        """The checksum of tar catches any single changed byte of a header."""
        good = share.read_bytes()
        start = good.index(b"blobs/sha256/")
        for place in range(start, start + 345):  # what counts; the rest is empty in GNU headers
            bad = bytearray(good)
            bad[place] ^= 0x01
            share.write_bytes(bad)
            with pytest.raises(InputError):
                ShareFile(share)

    def test_the_bytes_between_are_the_standard_tar_fields(self, share: Path) -> None:
        """An independent look at one header: magic, type and checksum as POSIX lays them out."""
        header = share.read_bytes()[:512]
        name, mode, size, kind, magic = struct.unpack_from("100s8s16x12s20xc100x8s", header)
        assert name.rstrip(b"\0") == b"oci-layout"
        assert (int(mode[:-1], 8), int(size[:-1], 8), kind) == (0o644, len(OCI_LAYOUT), b"0")
        assert magic == b"ustar  \0"

"""A ``.share`` file: stock tools read what we write, and hostile ones end in a plain sentence."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.encoding import canonical, digest
from workbench.errors import InputError, NotFound, TrustError, Unavailable
from workbench.release import layout
from workbench.stores import archive
from workbench.stores.archive import ShareFile, write
from workbench.stores.disk import DiskBlobs

BLOBS = [b"first", b"", b"x" * 512, b"y" * 70_001]
INDEX = layout.index(())
OCI_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'


def blob_path(data: bytes) -> str:
    return "blobs/sha256/" + digest(data).removeprefix("sha256:")


def save(path: Path, blobs: list[bytes], index: bytes = INDEX) -> Path:
    write(path, ((digest(data), len(data), io.BytesIO(data)) for data in blobs), index)
    return path


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A good file."""
    return save(tmp_path / "release.share", BLOBS)


def made(path: Path, *members: tuple[tarfile.TarInfo, bytes], **how: object) -> Path:
    """Write a tar file with the standard library: a layout's two documents, then ``members``."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, **how) as tar:  # type: ignore[call-overload]
        for info, data in [
            member("oci-layout", OCI_LAYOUT),
            member("index.json", INDEX),
            *members,
        ]:
            tar.addfile(info, io.BytesIO(data))
    return path


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


class TestWriting:
    def test_the_same_release_gives_the_same_bytes(self, share: Path, tmp_path: Path) -> None:
        """Nothing of the machine, the person or the time gets in."""
        again = save(tmp_path / "again.share", BLOBS)
        assert again.read_bytes() == share.read_bytes()
        with tarfile.open(share) as tar:
            for info in tar:
                owner = (info.uid, info.gid, info.uname, info.gname, info.mtime, info.mode)
                assert owner == (0, 0, "", "", 0, 0o644)

    def test_the_standard_library_and_tar_read_it(self, share: Path, tmp_path: Path) -> None:
        """Two independent readers find every file with its bytes."""
        expected = {"oci-layout": OCI_LAYOUT, "index.json": INDEX}
        expected |= {blob_path(data): data for data in BLOBS}
        with tarfile.open(share, "r:") as tar:
            assert {info.name: tar.extractfile(info).read() for info in tar} == expected  # type: ignore[union-attr]
        (tmp_path / "out").mkdir()
        done = subprocess.run(
            ["tar", "-xf", share, "-C", tmp_path / "out"], check=True, capture_output=True
        )
        assert done.stderr == b""
        assert all((tmp_path / "out" / name).read_bytes() == expected[name] for name in expected)

    def test_skopeo_reads_it(self, tmp_path: Path) -> None:
        """A stock OCI tool shows the very manifest, and can repack the file for us to read."""
        config, layer = b"{}", b"ciphertext"
        manifest = canonical(
            {
                "schemaVersion": 2,
                "mediaType": layout.MANIFEST,
                "config": {"mediaType": "application/json", "digest": digest(config), "size": 2},
                "layers": [{"mediaType": "application/x", "digest": digest(layer), "size": 10}],
            }
        )
        index = layout.index([("org/name:1.0", digest(manifest), len(manifest))])
        share = save(tmp_path / "release.share", [manifest, config, layer], index)
        shown = subprocess.run(
            ["skopeo", "inspect", "--raw", f"oci-archive:{share}"], capture_output=True, check=True
        )
        assert shown.stdout == manifest
        subprocess.run(
            ["skopeo", "copy", f"oci-archive:{share}", f"oci-archive:{tmp_path}/again.share"],
            capture_output=True,
            check=True,
        )
        with ShareFile(tmp_path / "again.share") as repacked:
            assert repacked.open(digest(layer)).read() == layer

    def test_a_blob_given_twice_is_written_once(self, tmp_path: Path) -> None:
        """Several files of a release may have the same content."""
        assert save(tmp_path / "a", [b"x", b"x"]).read_bytes() == (
            save(tmp_path / "b", [b"x"]).read_bytes()
        )

    @pytest.mark.parametrize(
        ("name", "size", "data"),
        [
            (digest(b"right"), 5, b"wrong"),
            (digest(b"right"), 6, b"right"),
            (digest(b"right"), 4, b"right"),
            (digest(b"righ"), 4, b"right"),
        ],
    )
    def test_a_damaged_blob_is_not_packed(
        self, share: Path, name: str, size: int, data: bytes
    ) -> None:
        """The step is named, and the older file of that name is untouched."""
        before = share.read_bytes()
        with pytest.raises(TrustError) as caught:
            write(share, [(name, size, io.BytesIO(data))], INDEX)
        assert caught.value.step == "blob"
        assert share.read_bytes() == before
        assert os.listdir(share.parent) == [share.name]

    def test_a_full_disk_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The disk that fills up while writing: Unavailable, no half file."""

        def fill(*_args: object) -> None:
            with open("/dev/full", "wb", buffering=0) as full:
                full.write(b"x")

        monkeypatch.setattr(archive, "_header", fill)
        with pytest.raises(Unavailable, match="disk is full"):
            write(tmp_path / "f.share", [(digest(b"x"), 1, io.BytesIO(b"x"))], INDEX)
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("size", [0, 1, 8**11 - 1, 8**11, 2**40 + 3, 2**63])
    def test_sizes_beyond_8_gib_fit_the_header(self, size: int) -> None:
        """GNU's base-256 form carries on where eleven octal digits end; two readers agree."""
        header = archive._header("oci-layout", size)
        read = tarfile.TarInfo.frombuf(header, "ascii", "strict")
        assert (read.size, read.name, len(header)) == (size, "oci-layout", 512)
        assert archive._number(header[124:136]) == size

    def test_a_huge_member_is_read_where_it_lies(self, tmp_path: Path) -> None:
        """Nine GiB (of holes) in one blob: offsets beyond it are right, and GNU tar agrees."""
        big, name = 9 << 30, "blobs/sha256/" + "a" * 64
        path = tmp_path / "big.share"
        with path.open("wb") as file:
            for known, data in (("oci-layout", OCI_LAYOUT), ("index.json", INDEX)):
                file.write(archive._header(known, len(data)) + data + bytes(-len(data) % 512))
            file.write(archive._header(name, big))
            file.seek(big - 1, os.SEEK_CUR)
            file.write(b"z" + archive._header(blob_path(b"x"), 1) + b"x" + bytes(511 + 1024))
        with ShareFile(path) as share:
            assert share.size("sha256:" + "a" * 64) == big
            with share.open("sha256:" + "a" * 64) as blob:
                assert blob.seek(-2, os.SEEK_END) == big - 2
                assert blob.read() == b"\0z"
            assert share.open(digest(b"x")).read() == b"x"
        listed = subprocess.run(["tar", "-tvf", path], capture_output=True, check=True, text=True)
        assert [line.split()[2] for line in listed.stdout.splitlines()][2:] == [str(big), "1"]


class TestReading:
    def test_blobs_are_read_in_place(self, share: Path) -> None:
        """Everything comes back, at random places too, and several blobs at once."""
        with ShareFile(share) as file:
            assert file.index == INDEX
            assert file.digests() == [digest(data) for data in BLOBS]
            opened = [file.open(digest(data)) for data in BLOBS]
            assert [blob.read() for blob in opened] == BLOBS
            last = opened[-1]
            assert last.seek(70_000) == 70_000
            assert (last.read(10), last.read(), last.seek(80_000), last.read()) == (
                b"y",
                b"",
                80_000,
                b"",
            )
            with pytest.raises(ValueError, match="seek before"):
                last.seek(-1)
            assert [file.size(digest(data)) for data in BLOBS] == [5, 0, 512, 70_001]

    def test_an_unknown_blob_is_not_found(self, share: Path) -> None:
        """As in every store of blobs; a name that is no digest is bad input."""
        with ShareFile(share) as file:
            with pytest.raises(NotFound):
                file.open(digest(b"unknown"))
            with pytest.raises(NotFound):
                file.size(digest(b"unknown"))
            with pytest.raises(InputError):
                file.open("../oci-layout")

    def test_blobs_cannot_be_read_after_closing(self, share: Path) -> None:
        """A reader left over never reads from whatever file came later."""
        with ShareFile(share) as file:
            blob = file.open(digest(b"first"))
        with share.open("rb"), pytest.raises(ValueError, match="closed"):
            blob.read()

    def test_a_store_can_be_packed(self, tmp_path: Path) -> None:
        """From the disk store into the file and back, without loading blobs into memory."""
        blobs = DiskBlobs(tmp_path / "store")
        data = os.urandom(1 << 20) * 24
        sink = blobs.create()
        sink.write(data)
        name = sink.commit()
        size = len(data)
        del data
        tracemalloc.start()
        with blobs.open(name) as source:
            write(tmp_path / "f.share", [(name, size, source)], INDEX)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 << 20
        with ShareFile(tmp_path / "f.share") as share:
            assert share.size(name) == size

    def test_a_plain_tar_of_a_layout_is_read(self, tmp_path: Path) -> None:
        """Packed with GNU tar, folders and all, it is the same thing."""
        blobs = DiskBlobs(tmp_path / "store")
        sink = blobs.create()
        sink.write(b"data")
        name = sink.commit()
        subprocess.run(
            ["tar", "-cf", tmp_path / "f", "oci-layout", "index.json", "blobs"],
            cwd=tmp_path / "store",
            check=True,
        )
        with ShareFile(tmp_path / "f") as share:
            assert share.open(name).read() == b"data"

    def test_a_missing_file_is_not_found(self, tmp_path: Path) -> None:
        """The path is named."""
        with pytest.raises(NotFound, match=r"no file .*nowhere\.share"):
            ShareFile(tmp_path / "nowhere.share")


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

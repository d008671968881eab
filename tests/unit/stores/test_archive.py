"""A ``.share`` file: stock tools read what we write, and hostile ones end in a plain sentence."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from tests.unit.stores.shares import BLOBS, INDEX, OCI_LAYOUT, blob_path, save
from workbench.encoding import canonical, digest
from workbench.errors import InputError, NotFound, TrustError, Unavailable
from workbench.release import layout
from workbench.stores import archive
from workbench.stores.archive import ShareFile, write
from workbench.stores.disk import DiskBlobs


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
            with pytest.raises(ValueError, match="no such place"):
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

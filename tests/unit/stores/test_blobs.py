"""Blobs: one suite over the memory twin and the disk, then what only a disk can do."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.encoding import canonical, digest
from workbench.errors import InputError, NotFound, Unavailable
from workbench.stores import disk, durable
from workbench.stores.contracts import Blobs
from workbench.stores.disk import DiskBlobs
from workbench.stores.memory import MemoryBlobs

ABSENT = "sha256:" + "0" * 64


@pytest.fixture(params=["memory", "disk"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Every test with this fixture holds for both."""
    if request.param == "memory":
        return MemoryBlobs()
    return DiskBlobs(tmp_path / "store")


def put(blobs: Blobs, *pieces: bytes | memoryview) -> str:
    sink = blobs.create()
    for piece in pieces:
        assert sink.write(piece) == len(piece)
    return sink.commit()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class TestBoth:
    def test_a_blob_is_known_by_the_sha256_of_its_pieces(self, blobs: Blobs) -> None:
        """Whatever is written in whatever pieces comes back under the digest of the whole."""
        name = put(blobs, b"one ", bytearray(b"two "), memoryview(b"xthreex")[1:6], b"")
        assert name == "sha256:" + hashlib.sha256(b"one two three").hexdigest()
        assert blobs.size(name) == 13
        with blobs.open(name) as file:
            assert file.read() == b"one two three"
            assert file.seek(4) == 4
            assert file.read(3) == b"two"
            assert file.tell() == 7

    def test_an_empty_blob_is_a_blob(self, blobs: Blobs) -> None:
        """Nothing written still has a digest."""
        name = put(blobs)
        assert (name, blobs.size(name)) == (digest(b""), 0)

    def test_the_same_blob_twice_is_fine(self, blobs: Blobs) -> None:
        """Content decides the name, so a second copy is the first."""
        first = put(blobs, b"same")
        with blobs.open(first) as reading:
            assert put(blobs, b"sa", b"me") == first
            assert reading.read() == b"same"

    def test_nothing_is_visible_before_commit(self, blobs: Blobs) -> None:
        """A reader sees all of a blob or none of it."""
        sink = blobs.create()
        sink.write(b"half")
        with pytest.raises(NotFound):
            blobs.open(digest(b"half"))
        sink.write(b" whole")
        assert sink.commit() == digest(b"half whole")
        with pytest.raises(NotFound):
            blobs.size(digest(b"half"))

    def test_abort_forgets_and_is_harmless_afterwards(self, blobs: Blobs) -> None:
        """Aborting removes the unfinished; after commit it does nothing."""
        sink = blobs.create()
        sink.write(b"gone")
        sink.abort()
        sink.abort()
        with pytest.raises(NotFound):
            blobs.size(digest(b"gone"))
        kept = blobs.create()
        kept.write(b"kept")
        name = kept.commit()
        kept.abort()
        assert blobs.size(name) == 4

    @pytest.mark.parametrize("use", ["write", "commit"])
    def test_a_closed_sink_takes_nothing_more(self, blobs: Blobs, use: str) -> None:
        """Writing on after the end is a bug in the caller, and loud."""
        sink = blobs.create()
        sink.abort()
        with pytest.raises(ValueError, match="closed"):
            sink.write(b"late") if use == "write" else sink.commit()

    def test_an_unknown_blob_is_not_found(self, blobs: Blobs) -> None:
        """Absence is an error of its own class."""
        with pytest.raises(NotFound):
            blobs.open(ABSENT)
        with pytest.raises(NotFound):
            blobs.size(ABSENT)

    @pytest.mark.parametrize(
        "name", ["", "abc", "sha256:", "sha256:../../etc/passwd", "sha512:" + "0" * 64, "0" * 64]
    )
    def test_what_is_no_digest_is_bad_input(self, blobs: Blobs, name: str) -> None:
        """A digest in another spelling never becomes a path."""
        with pytest.raises(InputError):
            blobs.open(name)
        with pytest.raises(InputError):
            blobs.size(name)

    def test_eight_writers_at_once(self, blobs: Blobs) -> None:
        """Sinks do not know of each other."""
        texts = [b"%d" % (number % 5) * 70_000 for number in range(16)]
        with ThreadPoolExecutor(8) as pool:
            names = list(pool.map(lambda text: put(blobs, text[:30_000], text[30_000:]), texts))
        assert names == [digest(text) for text in texts]
        assert all(blobs.size(name) == 70_000 for name in names)

    def test_the_index_can_be_replaced(self, blobs: Blobs) -> None:
        """Writing the index is part of the contract, even where there is no file of it."""
        name = put(blobs, b"{}")
        blobs.index([("org/name:1.0", name, 2)])
        blobs.index([])


class TestDisk:
    def test_a_fresh_folder_is_an_image_layout(self, tmp_path: Path) -> None:
        """The three parts of OCI image-layout.md are there from the start."""
        DiskBlobs(tmp_path / "a" / "store")
        store = tmp_path / "a" / "store"
        assert json.loads((store / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
        assert json.loads((store / "index.json").read_bytes())["manifests"] == []
        assert (store / "blobs" / "sha256").is_dir()

    def test_skopeo_reads_the_layout(self, tmp_path: Path) -> None:
        """A stock tool finds a release by its name and sees the very manifest."""
        blobs = DiskBlobs(tmp_path / "store")
        config, layer = put(blobs, b"{}"), put(blobs, b"ciphertext")
        manifest = canonical(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": "application/json", "digest": config, "size": 2},
                "layers": [{"mediaType": "application/x", "digest": layer, "size": 10}],
            }
        )
        name = put(blobs, manifest)
        blobs.index([("org/name:1.0", name, len(manifest))])
        shown = subprocess.run(
            ["skopeo", "inspect", "--raw", f"oci:{tmp_path}/store:org/name:1.0"],
            capture_output=True,
            check=True,
        )
        assert shown.stdout == manifest

    def test_reopening_keeps_everything(self, tmp_path: Path) -> None:
        """Opening a store is not writing it."""
        blobs = DiskBlobs(tmp_path)
        name = put(blobs, b"data")
        blobs.index([("org/name:1.0", name, 4)])
        before = {path: (tmp_path / path).read_bytes() for path in files(tmp_path)}
        assert DiskBlobs(tmp_path).size(name) == 4
        assert {path: (tmp_path / path).read_bytes() for path in files(tmp_path)} == before

    def test_only_finished_things_are_left(self, tmp_path: Path) -> None:
        """After commits and aborts no temporary file remains."""
        blobs = DiskBlobs(tmp_path)
        name = put(blobs, b"data")
        sink = blobs.create()
        sink.write(b"x")
        sink.abort()
        blobs.index([])
        blob = "blobs/sha256/" + name.removeprefix("sha256:")
        assert files(tmp_path) == [blob, "index.json", "index.lock", "oci-layout"]
        assert stat.S_IMODE((tmp_path / blob).stat().st_mode) & 0o222 == 0

    def test_a_damaged_blob_is_repaired_by_writing_it_again(self, tmp_path: Path) -> None:
        """Committing replaces what lies under the name."""
        blobs = DiskBlobs(tmp_path)
        name = put(blobs, b"data")
        path = tmp_path / "blobs" / "sha256" / name.removeprefix("sha256:")
        path.chmod(0o600)
        path.write_bytes(b"dat")
        assert put(blobs, b"data") == name
        assert path.read_bytes() == b"data"

    def test_leftovers_of_a_killed_writer_go_and_those_of_a_living_one_stay(
        self, tmp_path: Path
    ) -> None:
        """The next opening cleans up after a process that died in the middle."""
        program = (
            "import os, sys, pathlib\n"
            "from workbench.stores.disk import DiskBlobs\n"
            "sink = DiskBlobs(pathlib.Path(sys.argv[1])).create()\n"
            "sink.write(b'half')\n"
            "os.kill(os.getpid(), 9)\n"
        )
        ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
        assert ended.returncode == -9
        assert len(list((tmp_path / "incoming").iterdir())) == 1
        living = DiskBlobs(tmp_path).create()
        living.write(b"still ")
        assert len(list((tmp_path / "incoming").iterdir())) == 1
        DiskBlobs(tmp_path)
        living.write(b"here")
        assert DiskBlobs(tmp_path).size(living.commit()) == 10
        assert list((tmp_path / "incoming").iterdir()) == []

    def test_a_sink_survives_a_cleaner_that_was_faster(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Removed between being made and being marked, the temporary file is made again."""
        removed: list[Path] = []
        real = durable.fcntl.flock

        def cleaner_first(descriptor: int, how: int) -> None:
            if not removed:
                removed.extend((tmp_path / "incoming").iterdir())
                removed[0].unlink()
            real(descriptor, how)

        blobs = DiskBlobs(tmp_path)
        monkeypatch.setattr(durable.fcntl, "flock", cleaner_first)
        assert blobs.size(put(blobs, b"data")) == 4
        assert len(removed) == 1

    @pytest.mark.parametrize("put_there", ["link", "fifo", "folder"])
    def test_only_ordinary_files_are_blobs(self, tmp_path: Path, put_there: str) -> None:
        """A link out of the store, or what would hang a reader, is as good as absent."""
        blobs = DiskBlobs(tmp_path / "store")
        secret = tmp_path / "secret"
        secret.write_bytes(b"secret")
        path = tmp_path / "store" / "blobs" / "sha256" / ("0" * 64)
        if put_there == "link":
            path.symlink_to(secret)
        elif put_there == "fifo":
            os.mkfifo(path)
        else:
            path.mkdir()
        with pytest.raises(NotFound):
            blobs.open(ABSENT)
        with pytest.raises(NotFound):
            blobs.size(ABSENT)

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    @pytest.mark.parametrize("where", ["write", "fsync", "replace"])
    def test_a_full_disk_says_so_and_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, where: str
    ) -> None:
        """Disk full at any moment: Unavailable, nothing changed, no temporary file."""

        def full(*_args: object) -> int:
            raise OSError(number, os.strerror(number))

        class FullFile(durable.Flowing):
            write = full  # type: ignore[assignment]

        blobs = DiskBlobs(tmp_path)
        if where == "write":
            monkeypatch.setattr(disk, "Flowing", FullFile)
        else:
            monkeypatch.setattr(disk.os, where, full)
        with pytest.raises(Unavailable, match=r"disk is full.*Nothing was changed"):
            put(blobs, b"data")
        assert list((tmp_path / "incoming").iterdir()) == []
        with pytest.raises(NotFound):
            blobs.size(digest(b"data"))

    @pytest.mark.parametrize("pieces", [1, 3])
    def test_a_disk_that_fails_early_is_not_forgotten(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
    ) -> None:
        """The system reports a failed disk once; told while writing, it still stops the commit."""
        told: list[int] = []
        fsync = os.fsync

        def once(descriptor: int) -> None:
            told.append(descriptor)
            if len(told) == 1:
                raise OSError(errno.EIO, "failed")
            fsync(descriptor)

        blobs = DiskBlobs(tmp_path)
        monkeypatch.setattr(durable, "STRETCH", 4)
        monkeypatch.setattr(durable.os, "fsync", once)
        with pytest.raises(Unavailable, match="The blob failed"):
            put(blobs, *[b"data"] * pieces)
        assert list((tmp_path / "incoming").iterdir()) == []
        assert list((tmp_path / "blobs" / "sha256").iterdir()) == []

    def test_the_kernel_says_disk_full_the_same_way(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The device that is always full gives the same sentence, without a made-up error."""
        blobs = DiskBlobs(tmp_path)
        sink = blobs.create()
        with open("/dev/full", "wb", buffering=0) as full:
            monkeypatch.setattr(sink, "_file", full)
            with pytest.raises(Unavailable, match="disk is full"):
                sink.write(b"data")

    def test_a_full_disk_leaves_the_old_index(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The index is replaced whole or not at all."""
        blobs = DiskBlobs(tmp_path)
        before = (tmp_path / "index.json").read_bytes()

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(durable.os, "fsync", full)
        with pytest.raises(Unavailable, match="disk is full"):
            blobs.index([("org/name:1.0", ABSENT, 1)])
        assert (tmp_path / "index.json").read_bytes() == before
        assert not list(tmp_path.glob(".index*"))

    def test_no_permission_is_unavailable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder that may not be written is not a crash."""

        def forbidden(*_args: object, **_named: object) -> None:
            raise PermissionError(errno.EACCES, "no")

        blobs = DiskBlobs(tmp_path)
        monkeypatch.setattr(disk.os, "open", forbidden)
        with pytest.raises(Unavailable, match="No permission"):
            blobs.create()
        monkeypatch.setattr(disk.Path, "mkdir", forbidden)
        with pytest.raises(Unavailable, match="No permission"):
            DiskBlobs(tmp_path / "other")

    def test_a_file_in_the_place_of_the_folder_is_unavailable(self, tmp_path: Path) -> None:
        """Something else at the path is said, not crashed upon."""
        (tmp_path / "store").write_bytes(b"")
        with pytest.raises(Unavailable):
            DiskBlobs(tmp_path / "store")

    def test_a_lock_that_never_comes_free_ends_in_words(self, tmp_path: Path) -> None:
        """Waiting for another process is bounded."""
        with (
            durable.exclusive(tmp_path / "lock", "the index"),
            pytest.raises(Unavailable, match="Another process is using the index"),
            durable.exclusive(tmp_path / "lock", "the index", patience=0),
        ):
            pass
        with durable.exclusive(tmp_path / "lock", "the index", patience=0):
            pass

    def test_many_processes_open_and_index_one_store(self, tmp_path: Path) -> None:
        """Eight openings at once end with a whole layout and a whole index."""
        program = (
            "import sys, pathlib\n"
            "from workbench.stores.disk import DiskBlobs\n"
            "blobs = DiskBlobs(pathlib.Path(sys.argv[1]))\n"
            "sink = blobs.create(); sink.write(sys.argv[2].encode()); name = sink.commit()\n"
            "blobs.index([('org/name:' + sys.argv[2], name, 1)])\n"
        )
        started = [
            subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(number)])
            for number in range(8)
        ]
        assert [process.wait() for process in started] == [0] * 8
        index = json.loads((tmp_path / "index.json").read_bytes())
        assert len(index["manifests"]) == 1
        for number in range(8):
            assert DiskBlobs(tmp_path).size(digest(b"%d" % number)) == 1

    @settings(max_examples=25, deadline=None)
    @given(pieces=st.lists(st.binary(max_size=200), max_size=6))
    def test_disk_and_memory_agree(
        self, tmp_path_factory: pytest.TempPathFactory, pieces: Sequence[bytes]
    ) -> None:
        """The twin is the model: same digest, size and bytes for any pieces."""
        folder = tmp_path_factory.mktemp("store")
        stores: list[Callable[[], Blobs]] = [MemoryBlobs, lambda: DiskBlobs(folder)]
        seen = set()
        for make in stores:
            blobs = make()
            name = put(blobs, *pieces)
            seen.add((name, blobs.size(name), blobs.open(name).read()))
        shutil.rmtree(folder)
        assert len(seen) == 1

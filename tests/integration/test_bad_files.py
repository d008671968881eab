"""Files that cannot be shared: a clear error, nothing published, nothing left behind."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.integration.exchange import REF, Exchange, draft, unpublished, write_model
from tests.weights import weights
from workbench.errors import InputError, Unavailable
from workbench.stores import durable, folder

NOBODY = 65534


# Folders -----------------------------------------------------------------------------------------


def test_empty_folder(exchange: Exchange, tmp_path: Path) -> None:
    """A folder without files is no model."""
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    unpublished(exchange, lambda: exchange.publish(tmp_path / "empty"), "holds no files")


def test_no_files_at_all(exchange: Exchange) -> None:
    """Nor is a list of none."""
    unpublished(exchange, lambda: exchange.ada.publish(draft(), []), "no file to share")


def test_no_such_folder(exchange: Exchange, tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    unpublished(exchange, lambda: exchange.publish(tmp_path / "none"), "none cannot be read")


def link_out(model: Path) -> None:
    (model / "data.csv").symlink_to(model.parent / "secret.csv")


def link_within(model: Path) -> None:
    (model / "again.json").symlink_to("config.json")


def linked_folder(model: Path) -> None:
    (model / "more").symlink_to(model.parent)


def fifo(model: Path) -> None:
    os.mkfifo(model / "pipe")


def git_folder(model: Path) -> None:
    (model / ".git").mkdir()
    (model / ".git" / "config").write_text("[core]")


def git_file(model: Path) -> None:
    (model / ".gitattributes").write_text("*.bin filter=lfs")


def not_utf8(model: Path) -> None:
    (Path(os.fsdecode(os.fsencode(model) + b"/\xff\xfe.bin"))).write_bytes(b"x")


def control(model: Path) -> None:
    (model / "line\nbreak").write_bytes(b"x")


FOLDERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "link-out": (link_out, "'data.csv' is a link"),
    "link-within": (link_within, "'again.json' is a link"),
    "linked-folder": (linked_folder, "'more' is a link"),
    "fifo": (fifo, "'pipe' is not an ordinary file"),
    "git-folder": (git_folder, r"\.git"),
    "git-file": (git_file, r"\.gitattributes"),
    "not-utf8": (not_utf8, "not UTF-8"),
    "control": (control, "cannot be called"),
}


@pytest.mark.parametrize(("spoil", "match"), FOLDERS.values(), ids=FOLDERS)
def test_folders_that_cannot_be_shared(
    memory: Exchange, model: Path, spoil: Callable[[Path], None], match: str
) -> None:
    """The file is named, and what to do about it is said."""
    (model.parent / "secret.csv").write_text("a,b")
    spoil(model)
    error = unpublished(memory, lambda: memory.publish(model), match)
    assert isinstance(error, InputError)
    assert error.hint


def test_unreadable_file(memory: Exchange) -> None:
    """A file that the person may not read is named; the rest is not shared without it."""
    with tempfile.TemporaryDirectory() as name:
        place = write_model(Path(name) / "model")
        for path in [Path(name), *place.rglob("*"), place]:
            path.chmod(0o755)
        (place / "config.json").chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(NOBODY)  # root may read everything
        try:
            unpublished(memory, lambda: memory.publish(place), "'config.json' cannot be read")
        finally:
            if root:
                os.seteuid(0)


@dataclass
class Crafted:
    """A file that no scan would return."""

    name: str
    size: int = 1

    def open(self) -> BinaryIO:
        return io.BytesIO(b"x")


@pytest.mark.parametrize(
    "name",
    ["../out", "/etc/passwd", "a/../b", "a//b", "./a", "a/", "", ".", "..", "a\\b", "a\x00b",
     ".gitignore", ".git/x"],
)  # fmt: skip
def test_names_that_lead_elsewhere(embedded: Exchange, tmp_path: Path, name: str) -> None:
    """Whatever lists the files, a name that could lead out of a folder is refused unsealed."""
    files = [Crafted("good"), Crafted(name)]
    stored = set((tmp_path / "exchange" / "store" / "blobs" / "sha256").iterdir())
    unpublished(embedded, lambda: embedded.ada.publish(draft(), files), "cannot be called")
    assert set((tmp_path / "exchange" / "store" / "blobs" / "sha256").iterdir()) == stored


def test_a_name_used_twice(memory: Exchange) -> None:
    """Two files of one name would be one of them to the recipient."""
    files = [Crafted("same"), Crafted("same")]
    with pytest.raises(InputError, match="a name is there twice"):
        memory.ada.publish(draft(), files)
    assert memory.ada.catalogue() == []


# Files that change ------------------------------------------------------------------------------


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewritten(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))
    os.utime(path, ns=(1, 1))


def gone(path: Path) -> None:
    path.unlink()


def swapped_for_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def swapped_for_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def swapped_for_a_link(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.symlink_to("aside")


def folder_swapped_for_a_link(path: Path) -> None:
    path.parent.rename(path.parent.with_name("aside"))
    path.parent.symlink_to("aside")


CHANGES = (
    grown, rewritten, gone, swapped_for_a_folder, swapped_for_a_fifo, swapped_for_a_link,
    folder_swapped_for_a_link,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changed_after_it_was_listed(
    embedded: Exchange, model: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """What was listed is what is shared, or nothing is."""
    files = folder.scan(model)
    change(model / "weights" / "part.bin")
    error = unpublished(embedded, lambda: embedded.ada.publish(draft(), files), "part.bin")
    assert isinstance(error, InputError)
    assert list((tmp_path / "exchange" / "store").glob("incoming/*")) == []


def test_changed_while_it_is_read(embedded: Exchange, tmp_path: Path) -> None:
    """A program that still writes the file is noticed when the reading ends."""
    model = tmp_path / "large"
    model.mkdir()
    path = model / "weights.bin"
    path.write_bytes(weights(bytes(4 << 20)))
    files = folder.scan(model)
    seen: list[str] = []

    def progress(what: str, _done: int, _total: int) -> None:
        if what == "Sealing" and not seen:
            seen.append(what)
            grown(path)

    def share() -> object:
        return embedded.ada.publish(draft(), files, progress=progress)

    unpublished(embedded, share, "changed while it was being read")
    assert seen
    assert list((tmp_path / "exchange" / "store").glob("incoming/*")) == []


def test_cancelled(embedded: Exchange, model: Path, tmp_path: Path) -> None:
    """Whoever cancels from the progress display has published nothing."""

    class Cancelled(Exception):
        pass

    def progress(_what: str, _done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        embedded.ada.publish(draft(), folder.scan(model), progress=progress)
    assert embedded.ada.catalogue() == []
    assert list((tmp_path / "exchange" / "store").glob("incoming/*")) == []


# A full disk -------------------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Callable]]:
    """A disk of 4 MiB (where one can be mounted), and a function that fills it up."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield place, lambda: _fill(place)
        finally:
            subprocess.run(["umount", "-l", place], check=True)
        return

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    def fill() -> None:
        monkeypatch.setattr(durable.os, "fsync", full)

    yield place, fill


def _fill(place: Path) -> None:
    with (
        (place / "filler").open("wb", buffering=0) as file,
        pytest.raises(OSError, match="No space left"),
    ):
        while True:
            file.write(bytes(4096))


def test_full_disk_while_publishing(
    memory: Exchange, model: Path, tiny: tuple[Path, Callable]
) -> None:
    """The store's disk is full: nothing is published, and later the same command works."""
    place, fill = tiny
    exchange = Exchange.on_disk(place / "exchange", memory.keys).enrol()
    fill()
    with pytest.raises(Unavailable, match="disk is full") as caught:
        exchange.publish(model)
    assert caught.value.exit_code == 4
    assert caught.value.unchanged == "Nothing was changed."
    assert exchange.context.records.find(type(exchange.ada.person)) != []
    if not (place / "filler").exists():
        return
    (place / "filler").unlink()
    assert exchange.ada.catalogue() == []
    assert exchange.publish(model).key == REF
    exchange.sam.verify_log()
    exchange.close()


def test_full_disk_while_opening(
    exchange: Exchange, model: Path, tiny: tuple[Path, Callable]
) -> None:
    """The recipient's disk is full: nothing is left, neither in the folder nor beside it."""
    place, fill = tiny
    exchange.publish(model)
    exchange.granted()
    fill()
    before = sorted(place.iterdir())
    with pytest.raises(Unavailable, match="disk is full"):
        exchange.open(place / "out")
    assert sorted(place.iterdir()) == before

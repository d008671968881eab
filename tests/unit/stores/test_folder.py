"""A model folder: listed strictly, and read without surprises."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.errors import InputError
from workbench.stores import folder as module
from workbench.stores.folder import (
    ModelFile,
    check_unchanged,
    open_file,
    scan,
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with two files in two levels."""
    folder = tmp_path / "model"
    (folder / "weights").mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    (folder / "weights" / "a.bin").write_bytes(b"weights")
    return folder


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Give up the superuser's powers for a while, where the tests run with them."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestScan:
    def test_lists_every_file_in_the_order_of_names(self, model: Path) -> None:
        """Names are relative POSIX paths; folders themselves are not listed."""
        (model / "empty").mkdir()
        (model / "a.txt").write_bytes(b"x" * 5)
        (model / "Überblick.md").write_bytes(b"")
        found = scan(model)
        expected = ["a.txt", "config.json", "weights/a.bin", "Überblick.md"]
        assert [file.name for file in found] == expected
        assert [file.size for file in found] == [5, 2, 7, 0]
        assert [file.path.read_bytes() for file in found][2] == b"weights"

    def test_the_folder_itself_may_be_reached_through_a_link(
        self, model: Path, tmp_path: Path
    ) -> None:
        """The person named the link; only what is inside must be plain."""
        (tmp_path / "latest").symlink_to(model)
        found = scan(tmp_path / "latest")
        assert [file.name for file in found] == ["config.json", "weights/a.bin"]
        with open_file(found[1]) as source:
            assert source.read() == b"weights"

    @pytest.mark.parametrize("inner", [False, True])
    def test_an_empty_folder_is_refused(self, tmp_path: Path, inner: bool) -> None:
        """Folders without any file are no model."""
        if inner:
            (tmp_path / "a" / "b").mkdir(parents=True)
        with pytest.raises(InputError, match="holds no files"):
            scan(tmp_path)

    def test_a_missing_folder_is_refused(self, tmp_path: Path) -> None:
        """The path is named."""
        with pytest.raises(InputError, match=r"nowhere cannot be read: No such file"):
            scan(tmp_path / "nowhere")

    def test_a_file_instead_of_a_folder_says_what_to_do(self, model: Path) -> None:
        """One file goes into a folder of its own."""
        with pytest.raises(InputError, match=r"not a folder.*folder of its own"):
            scan(model / "config.json")

    @pytest.mark.parametrize(
        "target", ["config.json", "/etc/hostname", "..", "weights", "nowhere", "loop"]
    )
    def test_any_link_is_refused(self, model: Path, target: str) -> None:
        """Inside or outside, to a file, a folder, nothing or itself."""
        (model / "loop").symlink_to(target)
        with pytest.raises(InputError, match="'loop' is a link"):
            scan(model)

    def test_a_special_file_is_refused_and_does_not_hang(self, model: Path) -> None:
        """A FIFO would wait for a writer for ever."""
        os.mkfifo(model / "weights" / "pipe")
        with pytest.raises(InputError, match="'weights/pipe' is not an ordinary file"):
            scan(model)

    def test_a_name_that_is_not_utf8_is_refused(self, model: Path) -> None:
        """It has no spelling in the signature; the message itself is plain text."""
        with open(os.fsencode(model) + b"/bad\xff.bin", "wb"):
            pass
        with pytest.raises(InputError, match=r"bad\\xff.bin' is not UTF-8") as caught:
            scan(model)
        str(caught.value).encode("utf-8")

    @pytest.mark.parametrize("name", [".git/config", ".gitattributes", ".github/x", "a\\b", "a\nb"])
    def test_names_that_cannot_be_signed_are_refused(self, model: Path, name: str) -> None:
        """What other tools leave unsigned or read differently does not travel."""
        path = model / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
        with pytest.raises(InputError, match="cannot be called"):
            scan(model)

    @pytest.mark.parametrize("what", ["file", "folder"])
    def test_what_cannot_be_read_is_named(self, what: str) -> None:
        """Permissions are found out before anything is sealed."""
        base = Path(tempfile.mkdtemp())
        try:
            base.chmod(0o755)
            (base / "model").mkdir()
            path = base / "model" / "closed"
            path.mkdir() if what == "folder" else path.write_bytes(b"x")
            path.chmod(0)
            with ordinary_user(), pytest.raises(InputError, match="'closed' cannot be read"):
                scan(base / "model")
        finally:
            shutil.rmtree(base)

    def test_too_many_files_and_too_deep_folders_are_refused(
        self, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both walks are bounded."""
        monkeypatch.setattr(module, "MAX_FILES", 1)
        with pytest.raises(InputError, match="more than 1 files"):
            scan(model)
        monkeypatch.undo()
        deep = model.joinpath(*["d"] * 66)
        deep.mkdir(parents=True)
        (deep / "x").write_bytes(b"")
        with pytest.raises(InputError, match="nested deeper"):
            scan(model)


def replace_by_link(file: ModelFile) -> None:
    copy = file.path.with_name("copy")
    file.path.rename(copy)
    file.path.symlink_to(copy)


def replace_folder_by_link(file: ModelFile) -> None:
    away = file.path.parent.parent.parent / "away"
    file.path.parent.rename(away)
    file.path.parent.symlink_to(away)


def append(file: ModelFile) -> None:
    with file.path.open("ab") as target:
        target.write(b"more")


def overwrite(file: ModelFile) -> None:
    file.path.write_bytes(b"WEIGHTS")
    os.utime(file.path, ns=(1, 1))


def replace(file: ModelFile) -> None:
    other = file.path.with_name("other")
    other.write_bytes(b"weights")
    os.utime(other, ns=(file.mtime_ns, file.mtime_ns))
    other.rename(file.path)


def remove(file: ModelFile) -> None:
    file.path.unlink()


CHANGES = [append, overwrite, replace, remove, replace_by_link, replace_folder_by_link]


class TestReading:
    @pytest.mark.parametrize("change", CHANGES)
    def test_a_file_changed_after_the_scan_does_not_open(
        self, model: Path, change: Callable[[ModelFile], None]
    ) -> None:
        """Size, time, inode, links on the way: whatever is another file is refused."""
        file = scan(model)[1]
        change(file)
        with pytest.raises(InputError, match=r"'weights/a.bin' (changed|cannot be read any more)"):
            open_file(file)
        with pytest.raises(InputError):
            file.open()

    @pytest.mark.parametrize("change", [append, overwrite])
    def test_a_file_changed_while_it_is_read_is_noticed(
        self, model: Path, change: Callable[[ModelFile], None]
    ) -> None:
        """Looking again after the last byte tells."""
        file = scan(model)[1]
        with open_file(file) as source:
            source.read()
            check_unchanged(file, source)
            change(file)
            with pytest.raises(InputError, match="changed while it was being read"):
                check_unchanged(file, source)

    def test_closing_a_file_looks_again(self, model: Path) -> None:
        """``with file.open()`` is enough to be safe."""
        file = scan(model)[1]
        with file.open() as source:
            assert source.read() == b"weights"
        assert source.closed
        with pytest.raises(InputError, match="changed while"), file.open() as source:
            append(file)
        assert source.closed

    def test_no_descriptor_is_left_open(self, model: Path) -> None:
        """Errors on the way close what was opened."""
        before = len(os.listdir("/proc/self/fd"))
        file = scan(model)[1]
        file.open().close()
        replace_folder_by_link(file)
        for attempt in (lambda: open_file(file), lambda: scan(model)):
            with pytest.raises(InputError):
                attempt()
        assert len(os.listdir("/proc/self/fd")) == before

"""The folder a release is opened into: written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import Conflict, InputError, Unavailable
from workbench.stores import opened as module
from workbench.stores.folder import open_file, scan
from workbench.stores.opened import NewFolder, writing


def fill(folder: NewFolder, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        folder.write(name, data)


def attempt(target: Path, act: Callable[[NewFolder], object]) -> None:
    with writing(target) as aside:
        act(aside)


class TestWriting:
    def test_the_folder_appears_whole(self, tmp_path: Path) -> None:
        """Until the block ends there is nothing at the target; then all is there."""
        target = tmp_path / "new" / "model"
        with writing(target) as aside:
            fill(aside, {"config.json": b"{}", "weights/a.bin": b"w"})
            assert not target.exists()
        assert [(file.name, file.size) for file in scan(target)] == [
            ("config.json", 2),
            ("weights/a.bin", 1),
        ]
        assert os.listdir(target.parent) == ["model"]
        assert stat.S_IMODE(target.stat().st_mode) == 0o700

    def test_an_empty_target_is_taken_over(self, tmp_path: Path) -> None:
        """Making the folder beforehand is fine."""
        with writing(tmp_path) as aside:
            fill(aside, {"a": b"1"})
        assert os.listdir(tmp_path) == ["a"]

    @pytest.mark.parametrize("kind", ["full", "file", "link", "broken link"])
    def test_an_occupied_target_is_a_conflict(self, tmp_path: Path, kind: str) -> None:
        """Nobody's files are overwritten, and nothing is written at all."""
        target = tmp_path / "target"
        if kind == "full":
            target.mkdir()
            (target / "mine").write_bytes(b"x")
        elif kind == "file":
            target.write_bytes(b"x")
        else:
            (tmp_path / "empty").mkdir()
            target.symlink_to(tmp_path / ("empty" if kind == "link" else "nowhere"))
        before = sorted(os.listdir(tmp_path))
        with pytest.raises(Conflict, match="already there"), writing(target):
            pytest.fail("the block must not run")
        assert sorted(os.listdir(tmp_path)) == before

    @pytest.mark.parametrize("kind", ["full", "file"])
    def test_a_target_taken_meanwhile_is_a_conflict(self, tmp_path: Path, kind: str) -> None:
        """Whoever was faster keeps what is theirs."""
        target = tmp_path / "target"

        def somebody_is_faster(aside: NewFolder) -> None:
            fill(aside, {"a": b"1"})
            if kind == "full":
                target.mkdir()
                (target / "mine").write_bytes(b"x")
            else:
                target.write_bytes(b"x")

        with pytest.raises(Conflict):
            attempt(target, somebody_is_faster)
        assert os.listdir(tmp_path) == ["target"]
        assert (target / "mine" if kind == "full" else target).read_bytes() == b"x"

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, InputError])
    def test_nothing_is_left_after_a_failure(
        self, tmp_path: Path, error: type[BaseException]
    ) -> None:
        """Neither at the target, nor beside it, nor the folders made above it."""

        def fail(aside: NewFolder) -> None:
            fill(aside, {"weights/a.bin": b"half"})
            raise error("stop")

        with pytest.raises(error):
            attempt(tmp_path / "a" / "b" / "model", fail)
        assert os.listdir(tmp_path) == []

    def test_a_full_disk_is_unavailable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the block as at the end: the sentence about the disk, and nothing left."""

        def fill_up(aside: NewFolder) -> None:
            fill(aside, {"a": b"1"})
            with open("/dev/full", "wb", buffering=0) as full:
                full.write(b"x")

        with pytest.raises(Unavailable, match="disk is full"):
            attempt(tmp_path / "model", fill_up)
        assert os.listdir(tmp_path) == []

        def full_disk(_descriptor: int) -> None:
            raise OSError(errno.EDQUOT, "full")

        monkeypatch.setattr(module.os, "fsync", full_disk)
        with pytest.raises(Unavailable, match="disk is full"):
            attempt(tmp_path / "model", lambda aside: fill(aside, {"a": b"1"}))
        assert os.listdir(tmp_path) == []

    def test_what_a_killed_process_left_goes_the_next_time(self, tmp_path: Path) -> None:
        """Readable halves of a model do not lie about for ever; a living writer is left alone."""
        program = (
            "import os, sys, pathlib\n"
            "from workbench.stores.opened import writing\n"
            "with writing(pathlib.Path(sys.argv[1])) as aside:\n"
            "    aside.write('weights', b'half')\n"
            "    os.kill(os.getpid(), 9)\n"
        )
        target = tmp_path / "model*"
        (tmp_path / ".model-other.part").mkdir()
        ended = subprocess.run([sys.executable, "-c", program, str(target)], check=False)
        assert ended.returncode == -9
        assert len(os.listdir(tmp_path)) == 2
        with suppress(Conflict), writing(target) as first:
            with writing(target) as second:
                fill(second, {"b": b"2"})
                assert {path.name for path in tmp_path.iterdir()} == {
                    first.path.name,
                    second.path.name,
                    ".model-other.part",
                }
            fill(first, {"a": b"1"})
        assert sorted(os.listdir(tmp_path)) == [".model-other.part", "model*"]
        assert os.listdir(target) == ["b"]

    def test_a_relative_target_is_meant_from_where_it_was_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Changing the working directory in the block changes nothing."""
        monkeypatch.chdir(tmp_path)
        with writing(Path("model")) as aside:
            fill(aside, {"a": b"1"})
            monkeypatch.chdir("/")
        assert os.listdir(tmp_path / "model") == ["a"]

    @pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "", ".", "a//b", ".git/x"])
    def test_names_that_lead_out_are_refused(self, tmp_path: Path, name: str) -> None:
        """A hostile release cannot write beside its folder."""
        with pytest.raises(InputError), writing(tmp_path / "model") as aside:
            aside.create(name)
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
    def test_names_used_twice_are_refused(self, tmp_path: Path, names: tuple[str, str]) -> None:
        """A file is written once, and is not a folder too."""

        def both(aside: NewFolder) -> None:
            for name in names:
                aside.write(name, b"1")

        with pytest.raises(InputError, match="used twice"):
            attempt(tmp_path / "model", both)

    @settings(max_examples=25, deadline=None)
    @given(
        files=st.dictionaries(
            st.from_regex(r"[a-cé]{1,3}(/[d-f]{1,2}){0,2}", fullmatch=True),
            st.binary(max_size=50),
            min_size=1,
            max_size=5,
        )
    )
    def test_what_is_written_is_what_is_scanned(
        self, tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
    ) -> None:
        """Any set of names comes back with its bytes, or is refused for clashing."""
        base = tmp_path_factory.mktemp("folder")
        parents = {str(parent) for name in files for parent in Path(name).parents}
        try:
            with writing(base / "model") as aside:
                fill(aside, files)
        except InputError:
            assert parents & files.keys()
        else:
            found = {file.name: open_file(file).read() for file in scan(base / "model")}
            assert found == files
        finally:
            shutil.rmtree(base)

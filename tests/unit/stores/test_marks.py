"""What an owner's client remembers about marked copies: nothing of it is lost or half written."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, TrustError, Unavailable
from workbench.stores import marks as stored
from workbench.stores.marks import Marks, aside


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    """Ada's, with nothing in it."""
    return Marks(tmp_path / "ada")


class TestLines:
    def test_none_at_first(self, marks: Marks, tmp_path: Path) -> None:
        """Looking makes nothing."""
        assert marks.lines() == []
        assert marks.sealed_key() is None
        assert os.listdir(tmp_path) == []

    @settings(max_examples=20, deadline=None)  # each line waits for the disk
    @given(lines=st.lists(st.binary(min_size=1).filter(lambda one: b"\n" not in one), max_size=4))
    def test_come_back_in_their_order(
        self, lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Whatever is in them but the end of a line."""
        folder = tmp_path_factory.mktemp("marks")
        for line in lines:
            Marks(folder).add(line)
        assert Marks(folder).lines() == lines
        kept = folder / "marks.jsonl"
        assert kept.exists() is bool(lines)
        assert not lines or kept.read_bytes() == b"".join(line + b"\n" for line in lines)

    def test_are_the_owners_alone(self, marks: Marks, tmp_path: Path) -> None:
        """The folder is 0700, the files 0600."""
        marks.add(b"{}")
        marks.keep_key(b"sealed")
        assert stat.S_IMODE((tmp_path / "ada").stat().st_mode) == 0o700
        for name in ("marks.jsonl", "mark.age"):
            assert stat.S_IMODE((tmp_path / "ada" / name).stat().st_mode) == 0o600

    def test_none_is_lost_between_writers(self, marks: Marks, tmp_path: Path) -> None:
        """Programs of one person that mark at the same time all get their line."""
        lines = [f"line {number}".encode() for number in range(24)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: Marks(tmp_path / "ada").add(one), lines))
        assert sorted(marks.lines()) == sorted(lines)
        assert sorted(os.listdir(tmp_path / "ada")) == ["marks.jsonl", "marks.lock"]

    @pytest.mark.parametrize("line", [b"", b"a\nb", b"\n", b"x" * (stored.MAX_LINE + 1)])
    def test_what_is_no_line_is_refused(self, marks: Marks, tmp_path: Path, line: bytes) -> None:
        """Before anything is written."""
        with pytest.raises(InputError, match="one line"):
            marks.add(line)
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"x"])
    def test_a_torn_line_is_a_failure_of_trust(
        self, marks: Marks, tmp_path: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        """It is neither believed nor written over."""
        marks.add(b"{}")
        path = tmp_path / "ada" / "marks.jsonl"
        bad = damage(path.read_bytes())
        path.write_bytes(bad)
        for use in (marks.lines, lambda: marks.add(b"{}")):
            with pytest.raises(TrustError) as caught:
                use()
            assert caught.value.step == "marked copies"
        assert path.read_bytes() == bad

    def test_no_end_is_not_read(
        self, marks: Marks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """More than there can be is not taken in, and a full list says so and stays."""
        monkeypatch.setattr(stored, "MAX_FILE", 10)
        marks.add(b"12345")
        with pytest.raises(InputError, match="full"):
            marks.add(b"12345")
        assert marks.lines() == [b"12345"]
        (tmp_path / "ada" / "marks.jsonl").write_bytes(b"1234567890\n")
        with pytest.raises(TrustError, match="marked copies"):
            marks.lines()

    def test_a_full_disk_keeps_what_was_there(
        self, marks: Marks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Unavailable, nothing lost, nothing left lying about."""
        marks.add(b"first")

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="disk is full"):
            marks.add(b"second")
        monkeypatch.undo()
        assert marks.lines() == [b"first"]
        assert sorted(os.listdir(tmp_path / "ada")) == ["marks.jsonl", "marks.lock"]


class TestKey:
    def test_the_first_one_stays(self, marks: Marks, tmp_path: Path) -> None:
        """Two programs that make one at the same time end with the same."""
        keys = [f"sealed {number}".encode() for number in range(16)]
        with ThreadPoolExecutor(8) as pool:
            kept = set(pool.map(lambda one: Marks(tmp_path / "ada").keep_key(one), keys))
        assert kept == {marks.sealed_key()}
        assert kept <= set(keys)

    def test_a_file_that_is_too_long_is_no_key(self, marks: Marks, tmp_path: Path) -> None:
        """It is not handed to a keystore, and not replaced."""
        marks.keep_key(b"sealed")
        path = tmp_path / "ada" / "mark.age"
        path.write_bytes(bytes(stored.MAX_KEY + 1))
        for use in (marks.sealed_key, lambda: marks.keep_key(b"other")):
            with pytest.raises(TrustError) as caught:
                use()
            assert caught.value.step == "marking key"
        assert path.stat().st_size == stored.MAX_KEY + 1


class TestAside:
    def test_what_is_made_is_listed_and_gone_at_the_end(self, tmp_path: Path) -> None:
        """Private to its owner while it is there."""
        with aside(tmp_path / "home") as made:
            with made.create("deep/weights") as file:
                file.write(b"numbers")
            (listed,) = made.files()
            assert (listed.name, listed.open().read()) == ("deep/weights", b"numbers")
            (folder,) = (tmp_path / "home").iterdir()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert os.listdir(tmp_path / "home") == []

    def test_it_is_gone_after_a_failure(self, tmp_path: Path) -> None:
        """Marked weights are readable; they do not stay behind."""
        with pytest.raises(KeyboardInterrupt), aside(tmp_path) as made:
            made.create("weights").close()
            raise KeyboardInterrupt
        assert os.listdir(tmp_path) == []

    def test_what_is_made_can_be_read_while_it_is_written(self, tmp_path: Path) -> None:
        """So that the quality of a marked file can be measured before it is sealed."""
        with aside(tmp_path) as made, made.create("deep/weights") as file:
            file.write(b"numbers")
            file.seek(2)
            assert file.read() == b"mbers"
            with pytest.raises(InputError, match="twice"):
                made.create("deep/weights")

    def test_a_full_disk_is_said(self, tmp_path: Path) -> None:
        """As a person would say it, and nothing stays behind."""
        with pytest.raises(Unavailable, match="The disk is full"), aside(tmp_path):
            raise OSError(errno.ENOSPC, "no space")
        assert os.listdir(tmp_path) == []

    def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(self, tmp_path: Path) -> None:
        """A killed process holds no lock any more."""
        dead = tmp_path / ".marking.0000.part"
        dead.mkdir()
        (dead / "weights").write_bytes(b"numbers")
        living = tmp_path / ".marking.1111.part"
        living.mkdir()
        descriptor = os.open(living, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        with aside(tmp_path):
            assert not dead.exists()
        assert os.listdir(tmp_path) == [living.name]
        os.close(descriptor)

    @pytest.mark.parametrize("name", ["../weights", "/weights", ".git/x"])
    def test_no_name_leads_out(self, tmp_path: Path, name: str) -> None:
        """As for every folder that is written."""
        with aside(tmp_path) as made, pytest.raises(InputError):
            made.create(name)

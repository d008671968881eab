"""What inotify tells of the folders around a notebook while a cell runs."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.origin.graph import Mark
from workbench.senses import watching
from workbench.senses.addresses import file_address
from workbench.senses.readings import Reading
from workbench.senses.watching import Watcher

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watcher(tmp_path: Path, said: list[str]) -> Iterator[Watcher]:
    for name in ("a.csv", "b.csv", "deep/er/c.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    made = Watcher(said.append)
    made.start()
    made.watch(str(tmp_path))
    made.begin(Counter)
    yield made
    made.stop()


def uses(
    watcher: Watcher, folder: Path, seen: tuple[Reading, ...] = (), hashed: tuple[Path, ...] = ()
) -> list[tuple[str, bool]]:
    """What a cell did: names within the folder, and whether they were written."""
    counts = iter([Counter(map(str, hashed)), Counter()])
    found = watcher.end(seen, lambda: next(counts))
    assert {one.mark for one in found} <= {Mark.inferred}
    return [(os.path.relpath(one.address.text, folder), one.wrote) for one in found]


def test_read_by_anybody(watcher: Watcher, tmp_path: Path) -> None:
    """By this process or another one, here or in a folder below."""
    (tmp_path / "a.csv").read_text()
    subprocess.run(["cat", tmp_path / "deep/er/c.csv"], check=True, capture_output=True)
    assert uses(watcher, tmp_path) == [("a.csv", False), ("deep/er/c.csv", False)]
    assert uses(watcher, tmp_path) == []


def test_written_and_read(watcher: Watcher, tmp_path: Path) -> None:
    """What is written is not for that reason read; what is then read is both."""
    (tmp_path / "new.csv").write_text("x")
    (tmp_path / "b.csv").write_text("xx")
    (tmp_path / "b.csv").read_text()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "a.csv").rename(tmp_path / "moved.csv")
    assert sorted(uses(watcher, tmp_path)) == [
        ("b.csv", False),
        ("b.csv", True),
        ("empty.csv", True),
        ("moved.csv", True),
        ("new.csv", True),
    ]


def test_gone_again(watcher: Watcher, tmp_path: Path) -> None:
    """A scratch file that is no longer there is not told of."""
    (tmp_path / "scratch.csv").write_text("x")
    (tmp_path / "scratch.csv").unlink()
    assert uses(watcher, tmp_path) == []


def test_what_is_no_source(watcher: Watcher, tmp_path: Path) -> None:
    """Code, notebooks and folders."""
    for name in ("x.py", "x.ipynb", ".env"):
        (tmp_path / name).write_text("x")
    list(tmp_path.iterdir())
    assert uses(watcher, tmp_path) == []


def test_what_others_saw_is_not_told_again(watcher: Watcher, tmp_path: Path) -> None:
    """Also if they know the file by another way to it."""
    (tmp_path / "link").symlink_to(tmp_path / "deep")
    (tmp_path / "a.csv").read_text()
    (tmp_path / "link/er/c.csv").read_text()
    seen = tuple(
        Reading(file_address(tmp_path / name), Mark.observed, "open", 1)
        for name in ("a.csv", "link/er/c.csv")
    )
    assert uses(watcher, tmp_path, seen) == []
    (tmp_path / "a.csv").write_text("y")
    assert uses(watcher, tmp_path, seen) == [("a.csv", True)]


def test_what_was_digested_is_nobodys_reading(watcher: Watcher, tmp_path: Path) -> None:
    """One opening of each file was ours; another one was not."""
    for name in ("a.csv", "b.csv", "b.csv"):
        (tmp_path / name).read_text()
    hashed = (tmp_path / "a.csv", tmp_path / "b.csv")
    assert uses(watcher, tmp_path, hashed=hashed) == [("b.csv", False)]


def test_before_the_cell_is_not_in_it(watcher: Watcher, tmp_path: Path) -> None:
    """The next cell starts with nothing."""
    (tmp_path / "a.csv").read_text()
    watcher.begin(Counter)
    assert uses(watcher, tmp_path) == []


def test_folders_made_later(watcher: Watcher, tmp_path: Path) -> None:
    """They are watched, with those in them, from the next cell on; gone ones make no trouble."""
    (tmp_path / "later/on").mkdir(parents=True)
    (tmp_path / "later/on/d.csv").write_text("x")
    (tmp_path / "short").mkdir()
    (tmp_path / "short").rmdir()
    uses(watcher, tmp_path)
    watcher.begin(Counter)
    (tmp_path / "later/on/d.csv").read_text()
    assert uses(watcher, tmp_path) == [("later/on/d.csv", False)]
    (tmp_path / "later/on/d.csv").unlink()
    (tmp_path / "later/on").rmdir()
    assert uses(watcher, tmp_path) == []


def test_a_folder_removed_and_made_again(watcher: Watcher, tmp_path: Path) -> None:
    """The new one may have the old one's number; it is watched all the same."""
    (tmp_path / "deep/er/c.csv").unlink()
    (tmp_path / "deep/er").rmdir()
    uses(watcher, tmp_path)
    (tmp_path / "deep/er").mkdir()
    (tmp_path / "deep/er/c.csv").write_text("x")
    uses(watcher, tmp_path)
    watcher.begin(Counter)
    (tmp_path / "deep/er/c.csv").read_text()
    assert uses(watcher, tmp_path) == [("deep/er/c.csv", False)]


@pytest.mark.parametrize("name", [".hidden", "node_modules", "venv/lib", "site-packages"])
def test_folders_that_are_passed_over(tmp_path: Path, said: list[str], name: str) -> None:
    """Hidden ones, environments and packages: no data, and thousands of folders."""
    (tmp_path / name).mkdir(parents=True)
    if name.startswith("venv"):
        (tmp_path / "venv/pyvenv.cfg").touch()
    (tmp_path / name / "a.csv").write_text("x")
    watcher = Watcher(said.append)
    watcher.start()
    watcher.watch(str(tmp_path))
    watcher.begin(Counter)
    (tmp_path / name / "a.csv").read_text()
    assert uses(watcher, tmp_path) == []
    watcher.stop()


def test_links_to_folders_are_followed_once(tmp_path: Path, said: list[str]) -> None:
    """Data often lies behind a link; one that leads back ends there."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.csv").write_text("x")
    (inside / "data").symlink_to(outside)
    (outside / "back").symlink_to(inside)
    watcher = Watcher(said.append)
    watcher.start()
    watcher.watch(str(inside))
    watcher.begin(Counter)
    (outside / "a.csv").read_text()
    assert uses(watcher, inside) == [("data/a.csv", False)]
    watcher.stop()


def test_too_many_folders_are_said(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest are watched."""
    monkeypatch.setattr(watching, "MAX_FOLDERS", 3)
    for number in range(5):
        (tmp_path / str(number)).mkdir()
    watcher = Watcher(said.append)
    watcher.start()
    watcher.watch(str(tmp_path))
    assert said == [f"Not all folders below {tmp_path} are watched: there are too many."]
    watcher.stop()


def test_an_overflow_is_said(watcher: Watcher, tmp_path: Path, said: list[str]) -> None:
    """More happened than the system keeps: what is missing is not taken for nothing."""
    paths = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    for number in range(int(QUEUE.read_text()) // 2 + 10):
        os.close(os.open(paths[number % 2], os.O_RDONLY))
    assert sorted(uses(watcher, tmp_path)) == [("a.csv", False), ("b.csv", False)]
    assert said == ["More was opened at once than the system reports; some was not seen."]


def test_a_folder_that_is_not_there(watcher: Watcher, tmp_path: Path, said: list[str]) -> None:
    """It is not watched, and there is nothing to say of it."""
    watcher.watch(str(tmp_path / "none"))
    watcher.watch(str(tmp_path / "a.csv"))
    assert said == []


def test_a_forked_child_leaves_the_queue_alone(watcher: Watcher, tmp_path: Path) -> None:
    """It shares the queue; what it took would be missing here."""
    (tmp_path / "a.csv").read_text()
    child = os.fork()
    if child == 0:
        watcher.begin(Counter)
        empty = watcher.end((), Counter) == []
        watcher.watch(str(tmp_path))
        watcher.stop()
        os._exit(0 if empty else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert uses(watcher, tmp_path) == [("a.csv", False)]

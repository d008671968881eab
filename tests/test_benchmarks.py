"""The benchmarks run, say what they must, and what they claim about memory holds.

No time is asserted: machines differ, and this one may be busy.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import TINY, topics
from tests.benchmarks.figures import TITLES, Measured, keep, kept, report, write
from tests.benchmarks.measuring import MIB, ROOT, Row, child, random_file, run, table

BOUND = 250  # MiB, of a whole process
GROWTH = 24  # MiB; sixteen times the model must not cost more memory than chance does


@pytest.mark.parametrize("topic", topics(TINY, Path()))
def test_every_benchmark_runs(topic: str, tmp_path: Path) -> None:
    """Each topic measures both sides and prints rows with a ratio."""
    command = [sys.executable, "-m", "tests.benchmarks", "--tiny", "--place", tmp_path]
    done = subprocess.run(
        [*command, "--only", topic], capture_output=True, text=True, check=True, cwd=ROOT
    )
    head, _, *rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert head == "| what | ours | peer | ratio | memory |"
    assert rows
    assert all(row.split("|")[4].strip().endswith("×") for row in rows)
    assert "\nMachine: " in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_memory_stays_the_same_however_large_the_model(tmp_path: Path) -> None:
    """Publishing and opening 256 MiB takes the memory of 16 MiB, below the bound we promise."""
    peaks = {count: _peaks(tmp_path / str(count), count * MIB) for count in (16, 256)}
    for small, large in zip(peaks[16], peaks[256], strict=True):
        assert large < BOUND
        assert large - small < GROWTH


def test_only_the_block_in_the_readme_changes(tmp_path: Path) -> None:
    """What stands around the markers stays, and so do the markers."""
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n")
    for text in ("new\n", "newer \\1\n"):
        write(text, readme)
        expected = f"before\n<!-- benchmarks -->\n{text}<!-- /benchmarks -->\nafter\n"
        assert readme.read_text() == expected


def test_what_was_not_measured_again_stays(tmp_path: Path) -> None:
    """Figures are kept by topic, in one order, and say which machine they are of."""
    path, old, new = tmp_path / "figures.json", Row("a", "1 s", "2 s", 2.0), Row("b", "1", "1", 1.0)
    keep({"ledger": Measured("one", (old,)), "sharing": Measured("one", (old,))}, path)
    known = keep({"ledger": Measured("two", (new,))}, path)
    assert known == kept(path)
    assert list(known) == ["sharing", "ledger"]
    assert [one.rows for one in known.values()] == [(old,), (new,)]
    text = report(known)
    assert f"Machine of {TITLES['sharing']}: one." in text
    assert f"Machine of {TITLES['ledger']}: two." in text


def test_every_topic_has_a_title() -> None:
    """And there is none for nothing."""
    assert list(topics(TINY, Path())) == list(TITLES)


def test_the_readme_shows_what_was_kept() -> None:
    """Nobody changes a figure by hand."""
    assert report(kept()) in (ROOT / "README.md").read_text()


def test_a_readme_without_the_block_is_left_alone(tmp_path: Path) -> None:
    """Without markers the program ends with a sentence instead of guessing a place."""
    readme = tmp_path / "README.md"
    readme.write_text("nothing here\n")
    with pytest.raises(SystemExit, match="no block between"):
        write("new", readme)
    assert readme.read_text() == "nothing here\n"


def test_a_slower_ours_is_not_hidden() -> None:
    """A ratio below 1 is shown with the digits it has."""
    rows = [Row("a", "2 s", "1 s", 0.047), Row("b", "1 s", "1234 s", 1234.4)]
    assert table(rows).splitlines()[2:] == [
        "| a | 2 s | 1 s | 0.047× |  |",
        "| b | 1 s | 1234 s | 1,234× |  |",
    ]


def _peaks(place: Path, count: int) -> tuple[float, float]:
    """Return the peak memory (MiB) of publishing and of opening ``count`` bytes."""
    model, home = place / "model", place / "home"
    model.mkdir(parents=True)
    random_file(model / "model.bin", count)
    run(sys.executable, "-m", "tests.benchmarks.person", "init", home)
    published = child("person", "publish", home, model)
    opened = child("person", "open", home, place / "opened")
    size = (model / "model.bin").stat().st_size
    assert (place / "opened" / "model" / "model.bin").stat().st_size == size > count
    return published["peak"], opened["peak"]

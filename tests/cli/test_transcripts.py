"""The command line, as transcripts show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.place import Executable, InProcess
from tests.cli.transcript import Transcript

TRANSCRIPTS = Path(__file__).parent / "transcripts"
NAMES = sorted(path.name for path in TRANSCRIPTS.glob("*.txt"))
OUTSIDE = "executable-"  # these are about the real process and its keystore file


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(OUTSIDE)])
def test_transcript(name: str, tmp_path: Path) -> None:
    """Each command prints what the transcript says and exits as it says."""
    InProcess(tmp_path).play(Transcript.read(TRANSCRIPTS / name))


@pytest.mark.parametrize(
    "name", ["four-roles.txt", *(name for name in NAMES if name.startswith(OUTSIDE))]
)
def test_transcript_with_the_executable(name: str, tmp_path: Path) -> None:
    """The installed command does the same, one process a step, with keys under a passphrase."""
    Executable(tmp_path).play(Transcript.read(TRANSCRIPTS / name))

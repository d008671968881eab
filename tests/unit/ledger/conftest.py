"""The naive reference tree and the vectors that its script wrote."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).parent / "vectors" / "generate.py"


@pytest.fixture(scope="session")
def reference() -> SimpleNamespace:
    """The functions of the vectors' script: RFC 6962 transcribed, notes put together by hand."""
    return SimpleNamespace(**runpy.run_path(str(SCRIPT)))

"""The naive reference tree and the vectors that its script wrote."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.ledger.vectors import generate
from tests.unit.ledger.vectors import reference as naive


@pytest.fixture(scope="session")
def reference() -> SimpleNamespace:
    """The functions of the vectors' script: RFC 6962 transcribed, notes put together by hand."""
    return SimpleNamespace(**{**vars(naive), **vars(generate)})

"""Fixtures that several folders of tests share."""

from __future__ import annotations

from hypothesis import settings

from tests import properties  # noqa: F401 - registers the profile

settings.load_profile("patient")
pytest_plugins = ["tests.postgres"]

"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def shared() -> Path:
    """Return the folder with the seed pages, or skip."""
    folder = os.environ.get("ABSTRACTKG_SHARED")
    if not folder:
        pytest.skip("ABSTRACTKG_SHARED is not set")
    return Path(folder)

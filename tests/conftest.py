"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings

from kg.pipeline import Built, build

pytest_plugins = [
    "tests.browser",
    "tests.chat_server",
    "tests.extractors.installing",
    "tests.kg.made_up",
    "tests.node_readers",
    "tests.spark_cluster",
]

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the seed pages and the gold files, or skip (fail where it is required)."""
    folder = os.environ.get("ABSTRACTKG_SHARED")
    if not folder or not Path(folder, "seeds").is_dir():
        message = "ABSTRACTKG_SHARED names no folder with the seed pages"
        if "shared" in os.environ.get("ABSTRACTKG_REQUIRE", "").split(","):
            pytest.fail(message)
        pytest.skip(message)
    return Path(folder)


@pytest.fixture(scope="session")
def seeds(shared: Path) -> list[Path]:
    """Return the five seed pages."""
    return sorted((shared / "seeds").glob("*.txt"))


@pytest.fixture(scope="session")
def example() -> Path:
    """Return the example page."""
    return ROOT / "examples" / "daily-papers.txt"


@pytest.fixture(scope="session")
def example_built(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the graph of the example page, with its exports."""
    folder = tmp_path_factory.mktemp("example")
    return build([example], graph=folder / "graph", out=folder / "out")


@pytest.fixture(scope="session")
def seeds_built(seeds: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the graph of the five seed pages, with its exports."""
    folder = tmp_path_factory.mktemp("seeds")
    return build(seeds, graph=folder / "graph", out=folder / "out")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner of the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return CliRunner()

"""Distributions with an extractor, installed as pip leaves them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import extractors

Install = Callable[..., Path]
"""From a name, the code of a module and its name to the folder that it is installed in."""


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a distribution of one module for the time of a test."""

    def run(
        name: str, code: str, *, module: str, distribution: str = "abstractkg-zebra", version: str = "1.0"
    ) -> Path:
        folder = tmp_path_factory.mktemp("site")
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        entry = f"[{extractors.GROUP}]\n{name} = {module}:extractor\n"
        (info / "entry_points.txt").write_text(entry, encoding="utf-8")
        (folder / f"{module}.py").write_text(code, encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, module, raising=False)
        return folder

    return run

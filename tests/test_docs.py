"""The docs are tested against the code."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.pipeline import Built

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


def test_the_commands_of_the_first_screen_print_what_it_shows(example_built: Built) -> None:
    """Each `kg query` there is run on the example; the names and ids it shows come out."""
    runner = CliRunner()
    commands = re.findall(
        r"^\$ \.venv/bin/kg (query .+?) --graph \S+\n((?:(?!\$|```).*\n)+)", README, flags=re.M
    )
    assert len(commands) >= 2
    for command, shown in commands:
        done = runner.invoke(main, [*command.split(), "--graph", str(example_built.folder)])
        assert done.exit_code == 0
        printed = re.findall(r"paper[:/]([0-9a-f]{12})", done.stdout)
        assert printed == re.findall(r"paper:([0-9a-f]{12})", shown), command
        first = [line.partition("\t")[0].rpartition("/")[2] for line in done.stdout.splitlines()]
        assert first == [re.split("  +", line)[0].removeprefix("paper:") for line in shown.splitlines()]


def test_the_counts_of_the_first_screen_are_true(example_built: Built) -> None:
    counts = example_built.graph.counts()
    for number, what in re.findall(r"^ +([\d,]+)  (papers|entities)$", README, flags=re.MULTILINE):
        assert counts[what] == int(number.replace(",", "")), what

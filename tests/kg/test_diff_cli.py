"""`kg diff` as a user runs it: text, tables, JSON, feeds, exit codes."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.diff import compare
from kg.feeds import NO_DATE, atom, json_feed
from kg.pipeline import Built
from tests.kg.made_up import made

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<b>\"&']]>\x1b[31m\x01 שלום 🤖"
RECORDS = (
    {"id": "2505.00001", "title": f"{HOSTILE} one", "abstract": f"M/i/{HOSTILE}Net; M/u/GRPO;"},
    {"id": "2505.00002", "title": "Two", "abstract": "L/u/=1+1; B/i/VarnBench;"},
)


pytestmark = pytest.mark.usefixtures("made_up_extractor")


@pytest.fixture
def hostile(tmp_path: Path) -> tuple[Path, Path]:
    """Return a graph without papers and one of titles and names that would be markup and commands."""
    (tmp_path / "empty.nq").touch()
    return tmp_path / "empty.nq", made(tmp_path, *RECORDS)


@pytest.fixture(scope="module")
def example_and_nothing(example_built: Built, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return an empty export, and the graph of the example."""
    empty = tmp_path_factory.mktemp("nothing") / "empty.nq"
    empty.touch()
    return empty, example_built.folder


def run(*arguments: object, code: int = 0) -> str:
    """Return what `kg diff` prints on stdout."""
    done = CliRunner().invoke(main, ["diff", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.stdout


def valid_atom(text: str) -> ElementTree.Element:
    """Return an Atom feed that has what RFC 4287 asks for (sections 4.1.1 and 4.1.2)."""
    feed = ElementTree.fromstring(text.encode())
    assert feed.tag == f"{ATOM}feed"
    ids = []
    for node in (feed, *feed.iter(f"{ATOM}entry")):
        for required in ("id", "title", "updated"):
            assert len(node.findall(ATOM + required)) == 1, required
            assert (node.findtext(ATOM + required) or "").strip()
        ids.append(node.findtext(f"{ATOM}id") or "")
        assert re.match(r"[a-z]+://\S+$", ids[-1])
        updated = node.findtext(f"{ATOM}updated") or ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", updated)
        datetime.fromisoformat(updated)
        alternates = [link for link in node.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1 and all(link.get("href") for link in node.findall(f"{ATOM}link"))
    assert len(set(ids)) == len(ids)
    assert feed.findtext(f"{ATOM}author/{ATOM}name"), "entries without an author need one of the feed"
    assert all(category.get("term") for category in feed.iter(f"{ATOM}category"))
    return feed


def valid_json_feed(text: str) -> dict[str, Any]:
    """Return a JSON Feed that has what version 1.1 asks for."""
    feed: dict[str, Any] = json.loads(text)
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"]
    assert all(author["name"] for author in feed["authors"])
    for item in feed["items"]:
        assert isinstance(item["id"], str) and item["id"]
        assert item["content_text"] and item["url"]
        datetime.fromisoformat(item["date_published"])
        assert all(isinstance(tag, str) for tag in item["tags"])
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])
    return feed


def test_both_feeds_hold_each_new_entity_and_result(example_and_nothing: tuple[Path, Path]) -> None:
    found = compare(*example_and_nothing)
    feed = valid_atom(run(*example_and_nothing, "--format", "atom"))
    items = valid_json_feed(run(*example_and_nothing, "--format", "jsonfeed"))["items"]
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == found.counts["entities"].new + found.counts["results"].new > 20
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [item["id"] for item in items]
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [item["title"] for item in items]
    iris = {found.names.entity(note.slug) for note in found.entities.new.rows}
    assert iris < {item["id"] for item in items}
    dates = [item["date_published"] for item in items]
    assert dates == sorted(dates, reverse=True) and len(set(dates)) > 2


def test_an_entry_is_as_old_as_its_newest_paper(tmp_path: Path) -> None:
    (tmp_path / "empty.nq").touch()
    dated = [
        {"title": "One", "abstract": "M/i/ZorbNet;", "date": "2025-05-13"},
        {"title": "Two", "abstract": "M/u/ZorbNet; B/i/VarnBench;", "date": "2025-06"},
        {"title": "Three", "abstract": "T/m/zonal labelling;"},
    ]
    graph = made(tmp_path, *dated)
    items = valid_json_feed(json_feed(compare(tmp_path / "empty.nq", graph)))["items"]
    times = {item["id"].rpartition("/")[2]: item["date_published"] for item in items}
    assert times["zorbnet"] == "2025-06-01T00:00:00Z"
    assert times["zonal-labelling"] == "2025-06-01T00:00:00Z", "without a date, the newest of the graph"
    undated = made(tmp_path, dated[2], graph="undated")
    feed = valid_atom(atom(compare(tmp_path / "empty.nq", undated)))
    assert feed.findtext(f"{ATOM}updated") == f"{NO_DATE}T00:00:00Z"


def test_markup_in_names_stays_text(hostile: tuple[Path, Path]) -> None:
    text = run(*hostile, "--format", "atom")
    feed = valid_atom(text)
    titles = [node.text or "" for node in feed.iter(f"{ATOM}title")]
    assert any("<b>\"&']]>" in title for title in titles)
    assert "\x1b" not in text and "\x01" not in text
    items = valid_json_feed(run(*hostile, "--format", "jsonfeed"))["items"]
    assert [item["title"] for item in items] == titles[1:]
    for form in ("text", "tsv", "csv", "json"):
        assert "\x1b" not in run(*hostile, "--format", form), form
    assert "'=1+1" in run(*hostile, "--format", "csv")


def test_feeds_have_the_same_bytes(hostile: tuple[Path, Path], tmp_path: Path) -> None:
    again = made(tmp_path, *RECORDS[::-1], graph="again")
    for form in ("atom", "jsonfeed"):
        assert run(*hostile, "--format", form) == run(hostile[0], again, "--format", form)


def test_json_says_its_version_and_all_that_is_different(example_and_nothing: tuple[Path, Path]) -> None:
    told = json.loads(run(*example_and_nothing, "--json"))
    assert told["schema_version"] == 1
    assert told["counts"].keys() == {"papers", "entities", "edges", "evidence", "results"}
    for what in ("papers", "entities", "edges", "results"):
        for change in ("new", "gone", "changed"):
            assert len(told[what][change]) == told["counts"][what][change]
    assert told["counts"]["entities"]["new"] > 0
    assert all(edge["source"].startswith("https://") for edge in told["edges"]["new"])


def test_text_counts_first_and_lists_some(example_and_nothing: tuple[Path, Path]) -> None:
    text = run(*example_and_nothing, "--format", "text", "--limit", "3")
    counts = compare(*example_and_nothing).counts
    assert re.search(rf"^entities +{counts['entities'].new} +0 +0", text, flags=re.MULTILINE)
    assert f"entity new, 3 of {counts['entities'].new:,}" in text
    assert text.index("papers ") < text.index("entity new")


def test_piped_it_is_tsv_with_a_row_for_each(example_and_nothing: tuple[Path, Path]) -> None:
    head, *lines = run(*example_and_nothing).splitlines()
    assert head.split("\t") == ["what", "change", "name", "was", "papers", "detail", "iri"]
    assert all(line.count("\t") == 6 for line in lines)
    counts = compare(*example_and_nothing).counts
    assert len(lines) == sum(counted.new for what, counted in counts.items() if what != "evidence")


def test_rows_alone_are_on_stdout_and_counts_beside(example_and_nothing: tuple[Path, Path]) -> None:
    nothing, graph = map(str, example_and_nothing)
    counts = compare(nothing, graph).counts
    done = CliRunner().invoke(main, ["diff", nothing, graph, "--exit-code", "--limit", "0"])
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 1)
    assert f"\nentities: {counts['entities'].new:,} new, 0 gone, 0 changed\n" in done.stderr
    assert CliRunner().invoke(main, ["diff", graph, graph, "--format", "csv"]).stderr == "no difference\n"
    absent = CliRunner().invoke(main, ["diff", graph, "nosuch"])
    assert absent.stderr == "kg: nosuch: no graph folder and no exported file there\n"


def test_exit_codes(example_and_nothing: tuple[Path, Path]) -> None:
    nothing, graph = example_and_nothing
    assert run(graph, graph, "--format", "text") == "no difference\n"
    run(graph, graph, "--exit-code")
    run(nothing, graph, "--exit-code", "--limit", "0", code=1)
    run(nothing, graph, "--limit", "0")
    run(graph, nothing.parent / "absent", code=2)
    run(nothing.parent, graph, code=2)
    run(nothing, graph, "--json", "--format", "atom", code=2)
    run(nothing, graph, "--format", "tsv", "-o", "x", code=2)


def test_a_feed_is_written_whole(example_and_nothing: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "deep" / "new.atom"
    run(*example_and_nothing, "--format", "atom", "-o", target)
    assert target.read_text(encoding="utf-8") == run(*example_and_nothing, "--format", "atom")
    assert [path.name for path in target.parent.iterdir()] == ["new.atom"]

"""Inputs, formats and joins: what `read` gives as a whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError, UnknownNameError
from kg.model import Affiliation, Paper, SourceRef
from kg.sources import SOURCES, detect, get_reader, read
from kg.sources.daily_text import is_daily_text
from kg.sources.dates import settle_dates
from kg.sources.files import RECORD_LIMIT
from kg.sources.identity import join_papers

ABSTRACT = "We propose a small method for moving boxes and show that it moves more of them than a crane does."


def block(
    title: str, date: str | None = "Jun 11", meta: str = "  • 5 authors", abstract: str = ABSTRACT
) -> str:
    end = f"{meta}\n·\n{date}\n\n" if date else ""
    return f"{title}\n\n{abstract}\n\n{end}"


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


HEAD = "new\n\nSubscribe\n\nDaily Papers\n\nbyAK and the research community\n\nDec 9\n\n"


LIKE_PAGES = {
    "LICENSE": "A Licence\n\nEverybody may use this.\n\nWho does may do so as often as wished.\n\nEnd\n",
    "program.py": '"""Moves boxes."""\n\nimport sys\n\n\ndef main() -> None:\n    print(sys)\n\n\nmain()\n',
    "pyproject.toml": '[project]\nname = "boxes"\n\n[tool.boxes]\nlarge = true\n\n[tool.lift]\nhigh = 1\n',
    "README.md": "# Boxes\n\nWe move.\n\n- one\n- two\n\n## Daily Papers\n\nBy\n\n5 authors\n\nwho\n",
    "notes.txt": "Daily Papers\n\nI read.\n\nJun 11\n\n• May 13\n\nA box\n\n·\n\nSubscribe\n\nnot now\n",
}


@pytest.mark.parametrize("name", sorted(LIKE_PAGES))
def test_other_texts_are_no_pages(tmp_path: Path, name: str) -> None:
    found = read([write(tmp_path, name, LIKE_PAGES[name])])
    assert not found.papers
    assert [item.reason.split(" (")[0] for item in found.unread] == ["of no known source format"]


@pytest.mark.parametrize(
    "marks",
    [
        "Daily Papers\n\nbyAK and the research community\n\n{}",
        "get trending papers in your email inbox\n\nTrending Papers\n\n{}",
        "{}  • 5 authors\n",
        "{}5 authors\n\n·\n",
        "{}·\nJun 11 3\n",
        "{}boxes Box Lab\n·\n3 days ago\n",
        "{}· Oct 10, 2025\n",
    ],
)
def test_one_mark_is_enough_for_a_page(tmp_path: Path, marks: str) -> None:
    page = marks.format(f"Box\n\n{ABSTRACT}\n\n")
    for end in ("\n", "\r\n"):
        (paper,) = read([write(tmp_path, "page", page.replace("\n", end))]).papers
        assert (paper.title, paper.abstract) == ("Box", ABSTRACT)


def test_text_page(tmp_path: Path) -> None:
    page = HEAD + block("Box Mover", "May 13 3", "  • 1 author") + block("Crane", None)
    page += block("Lift", "Oct 10, 2024 2", "uclanlp UCLA NLP")
    result = read([write(tmp_path, "page.txt", page)])
    mover, crane, lift = sorted(result.papers, key=lambda paper: paper.title)
    assert (result.blocks, result.unread, mover.title) == (3, (), "Box Mover")
    assert (mover.date_written, mover.comments, mover.num_authors) == ("May 13", 3, 1)
    assert (mover.published, crane.published, lift.published) == ("2025-05-13", None, "2024-10-10")
    assert lift.organizations == (Affiliation("UCLA NLP", "uclanlp"),)
    assert crane.abstract == ABSTRACT
    assert mover.sources[0].file == "page.txt" and mover.sources[0].position == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    page = (HEAD + block("Naïve Box π_0")).replace("\n", end)
    result = read([write(tmp_path, "page.txt", page.encode(encoding))])
    assert [(p.title, p.abstract) for p in result.papers] == [("Naïve Box π_0", ABSTRACT)]


@pytest.mark.parametrize(
    ("tail", "lost"),
    [
        ("Half Title", 1),
        ("Half\n\nWe propose a small method that moves boxes by means of a rope and a sui", 1),
        ("Third\n\n" + ABSTRACT + "\n\n  • 5 authors\n·\nJu", 1),
    ],
)
def test_cut_page(tmp_path: Path, tail: str, lost: int) -> None:
    page = HEAD + block("One") + block("Two") + tail
    result = read([write(tmp_path, "page.txt", page)])
    assert {"One", "Two"} <= {paper.title for paper in result.papers}
    assert len(result.unread) == lost
    assert result.unread[0].line and result.unread[0].line >= 22


def test_broken_line_loses_its_block_only(tmp_path: Path) -> None:
    page = (block("One") + block("Bad \udcff") + block("Two")).encode("utf-8", "surrogateescape")
    result = read([write(tmp_path, "page.txt", page)])
    assert sorted(paper.title for paper in result.papers) == ["One", "Two"]
    assert [(x.line, x.reason.split(";")[0]) for x in result.unread] == [(9, "broken UTF-8")]


def test_long_line(tmp_path: Path) -> None:
    page = (
        block("One")
        + "Long\n\n"
        + "x" * (RECORD_LIMIT + 5)
        + "\n\n  • 2 authors\n·\nJun 1\n\n"
        + block("Two")
    )
    result = read([write(tmp_path, "page.txt", page)])
    assert sorted(paper.title for paper in result.papers) == ["One", "Two"]
    assert [(x.line, x.paper) for x in result.unread] == [(11, "Long")]
    assert "longer than 16 MB" in result.unread[0].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n \n", "white space"),
        (b"\x00\x01\x02binary", "binary"),
        (b"%PDF-1.7", "PDF"),
        (b"one line of nothing", "no known source format"),
        (b"id,abstract,date\n1,Text,2024\n", "no title column; found: id, abstract, date; accepted: title"),
        (b"a,b\n1,2\n", "no title column"),
    ],
)
def test_unreadable_files(tmp_path: Path, data: bytes, reason: str) -> None:
    result = read([write(tmp_path, "bad", data)])
    assert not result.papers
    assert len(result.unread) == 1
    assert result.unread[0].file == "bad" and reason in result.unread[0].reason


def test_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps({"title": f"Title {n}", "abstract": f"{ABSTRACT} {n}"}) + "\n" for n in range(3_000)]
    text = "".join(lines).encode()
    plain = read([write(tmp_path, "papers.jsonl", text)])
    packed = gzip.compress(text[:99_999]) + gzip.compress(text[99_999:])  # two streams are one file
    result = read([write(tmp_path, "papers.jsonl.gz", packed)])
    assert [(p.title, p.abstract) for p in result.papers] == [(p.title, p.abstract) for p in plain.papers]
    (source,) = {(p.sources[0].file, p.sources[0].sha256) for p in result.papers}
    assert source == ("papers.jsonl.gz", hashlib.sha256(packed).hexdigest()) and not result.unread
    page = gzip.compress(block("One").encode("utf-16"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page)))
    assert [paper.title for paper in read(["-"]).papers] == ["One"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(b'{"title": "Whole"}\n')[:-9], "a damaged gzip file"),
        (gzip.compress(b'{"title": "Whole"}\n')[:-8] + b"\0" * 8, "a damaged gzip file (CRC check failed"),
        (b"\x1f\x8b\x08\x00abc", "a damaged gzip file"),
        (gzip.compress(gzip.compress(b"text")), "a gzip file in a gzip file"),
        (gzip.compress(b"\x00\x01binary"), "a binary file"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(b"x" * 80_000_000), "more than 200 times its size"),
    ],
)
def test_gzip_that_is_not_read(tmp_path: Path, data: bytes, reason: str) -> None:
    files = [write(tmp_path, "bad.gz", data), write(tmp_path, "good.txt", block("Good"))]
    result = read(files)
    assert [paper.title for paper in result.papers] == ["Good"]
    assert [x.file for x in result.unread] == ["bad.gz"] and reason in result.unread[0].reason


def test_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "page_files").mkdir()
    (tmp_path / "void").mkdir()
    write(folder, ".hidden", "x")
    write(
        folder, "page.html", "<html><article><h3><a href='/papers/2505.12345'>Html</a></h3></article></html>"
    )
    write(folder / "page_files", "a.js", "function")
    write(folder / "deep", "p.txt", block("Text"))
    stdin = io.TextIOWrapper(io.BytesIO(b'{"title": "Piped"}\n'))
    monkeypatch.setattr(sys, "stdin", stdin)
    seen: list[tuple[str, int, int]] = []
    inputs: list[str | Path] = [
        folder,
        str(folder / "*" / "*.txt"),
        "-",
        tmp_path / "void",
        tmp_path / "none",
        str(tmp_path / "*.q"),
    ]
    result = read(inputs, on_progress=lambda *step: seen.append(step))
    assert sorted(paper.title for paper in result.papers) == ["Html", "Piped", "Text"]
    assert seen == [("reading deep/p.txt", 1, 0), ("reading page.html", 1, 0), ("reading <stdin>", 1, 0)]
    assert [x.reason for x in result.unread] == [
        "no file matches this pattern",
        "no such file or folder",
        "no readable file in this folder",
    ]
    assert result.without_abstract == 2


def test_files_of_one_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*inputs: str | Path) -> list[str]:
        return [item.file for item in read(inputs).unread]

    monkeypatch.chdir(tmp_path)
    for place in ("same/a", "same/b", "other/a", "other/deep/er"):
        Path(place).mkdir(parents=True)
        write(tmp_path, f"{place}/dec9.txt", b"")
    assert lost("same") == ["a/dec9.txt", "b/dec9.txt"] == lost(tmp_path / "same", "same")
    assert lost("same/a", "same/b") == ["a/dec9.txt", "b/dec9.txt"] == lost("same/a/dec9.txt", "same/b")
    assert lost("same", "other") == ["b/dec9.txt", "deep/er/dec9.txt", "other/a/dec9.txt", "same/a/dec9.txt"]
    assert lost("other/*/*.txt") == ["a/dec9.txt"] and lost("other/a/*.txt") == ["dec9.txt"]
    assert lost("same/a/dec9.txt", "other/a/dec9.txt") == ["other/a/dec9.txt", "same/a/dec9.txt"]
    write(tmp_path, "dec9.txt", b"")
    assert lost("dec9.txt", "same/b") == ["b/dec9.txt", "dec9.txt"]


def test_where_a_file_lies_is_not_in_its_papers(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write(tmp_path / "deep" / "er", "page.txt", block("Box"))
    (paper,) = read([tmp_path]).papers
    assert (paper.sources[0].file, paper) == ("page.txt", read([tmp_path / "deep" / "er"]).papers[0])


def test_daily_html_data(tmp_path: Path) -> None:
    entry = {
        "paper": {
            "id": "2505.12345", "title": "A & B <Box>", "summary": ABSTRACT, "authors": [{"name": "A. One"}],
            "publishedAt": "2025-05-13T00:00:00.000Z", "submittedOnDailyAt": "2025-05-20T00:00:00.000Z",
            "upvotes": 7, "projectPage": "https://box.example", "githubRepo": "https://github.com/a/box",
            "organization": {"name": "box", "fullname": "Box Lab"}, "ai_summary": "no",
        },
        "title": "A & B <Box>", "numComments": 2,
    }  # fmt: skip
    props = json.dumps({"dailyPapers": [entry, {"paper": {"id": "2505.1", "title": ["x"]}}]})
    escaped = props.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    page = f'<!doctype html><html>\n<div data-props="{escaped}" data-target="DailyPapers"></div></html>'
    result = read([write(tmp_path, "saved", page)])
    (paper,) = result.papers
    assert (paper.id, paper.title, paper.abstract) == ("2505.12345", "A & B <Box>", ABSTRACT)
    assert (paper.published, paper.upvotes, paper.comments, paper.authors) == (
        "2025-05-13",
        7,
        2,
        ("A. One",),
    )
    assert paper.organizations == (Affiliation("Box Lab", "box"),)
    assert [(link.kind, link.url) for link in paper.urls] == [
        ("code", "https://github.com/a/box"),
        ("project", "https://box.example"),
    ]
    assert [(x.line, x.reason) for x in result.unread] == [(2, "the title is a list, not text")]


def test_daily_html_articles(tmp_path: Path) -> None:
    page = (
        "<html><body><article><a href='/papers/2505.12345'><img></a>"
        f"<h3><a href='/papers/2505.12345'>Box</a></h3><p>{ABSTRACT}</p><ul><li>12 authors</li></ul>"
        "<a href='/boxlab'><img> Box Lab</a><div>· <time datetime='2025-05-13T01:00:00'>May 13</time></div>"
        "<a href='/papers/2505.12345#community'>4</a></article></body></html>"
    )
    (paper,) = read([write(tmp_path, "saved.txt", page)]).papers
    assert (paper.id, paper.title, paper.abstract, paper.published) == (
        "2505.12345",
        "Box",
        ABSTRACT,
        "2025-05-13",
    )
    assert (paper.num_authors, paper.comments) == (12, 4)
    assert paper.organizations == (Affiliation("Box Lab", "boxlab"),)


def test_jsonl_faults(tmp_path: Path) -> None:
    lines = [
        b'{"id": "2505.12345v3", "title": "Good", "abstract": "Two\\nlines.", "upvotes": -4}',
        b'{"title": ["list"]}',
        b'{"title": "Cut',
        b'{"abstract": "no title"}',
        b'{"title": "Bad \xff"}',
        b"[1]",
        b'{"title": "Big", "upvotes": ' + b"9" * 5000 + b"}",
        b'{"title": "Huge", "upvotes": 99999999999}',
        b'{"title": "Half \\ud800"}',
        b"[" * 100000,
    ]
    result = read([write(tmp_path, "dump", b"\n".join(lines) + b"\n")])
    assert sorted(paper.title for paper in result.papers) == ["Good", "Huge"]
    assert [x.line for x in result.unread] == list(range(1, 11))
    good = next(paper for paper in result.papers if paper.title == "Good")
    assert (good.id, good.published, good.abstract, good.upvotes) == (
        "2505.12345",
        "2025-05",
        "Two\nlines.",
        None,
    )


def test_arxiv_snapshot_in_an_array(tmp_path: Path) -> None:
    record = {
        "id": "0704.0001", "title": "Boxes", "abstract": "  Two\nlines.\n", "categories": "cs.LG cs.AI",
        "comments": "12 pages", "authors": "x", "authors_parsed": [["Doe", "Jane", ""]],
        "update_date": "2020-01-01",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
    }  # fmt: skip
    for name, data in [
        ("a", json.dumps([record])),
        ("b", json.dumps([record], indent=1)),
        ("c", json.dumps(record)),
    ]:
        result = read([write(tmp_path, name, data)])
        assert result.unread == ()
        (paper,) = result.papers
        assert (paper.published, paper.authors, paper.comments) == ("2007-04-02", ("Jane Doe",), None)
        assert (paper.abstract, paper.categories) == ("  Two\nlines.\n", ("cs.LG", "cs.AI"))
    cut = json.dumps([record, record], indent=1)[:-40]
    result = read([write(tmp_path, "cut", cut)])
    assert (result.blocks, len(result.unread)) == (1, 1)
    assert result.unread[0].line and result.unread[0].line > 10


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_tables(tmp_path: Path, mark: str) -> None:
    rows = [
        "arXiv-ID|Title|Summary|Date",
        '2505.12345|"Box | one"|"Two',
        'lines ""here""."|2025-05-13',
        "|Lone||",
    ]
    text = "\n".join(rows).replace("|", mark)
    result = read([write(tmp_path, "t", text)])
    assert result.unread == ()
    first = next(paper for paper in result.papers if paper.id == "2505.12345")
    assert (first.title, first.abstract) == (f"Box {mark} one", 'Two\nlines "here".')
    assert (first.published, result.without_abstract) == ("2025-05-13", 1)


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (
            "title,abstrct\nBox,We move.\nLift,We lift.\n",
            "any of its 2 records; found: title, abstrct; accepted: ",
        ),
        (
            "title\tabstrct\nBox\tWe move.\n",
            "its only record; found: title, abstrct; accepted: abstract, summary",
        ),
        (
            '{"title": "Box", "abstrct": "a"}\n{"title": "Lift", "x": 1}\n',
            "found: title, abstrct, x; accepted: ",
        ),
        (
            '{"papers": [{"paper": {"title": "Box", "text": "a"}}]}',
            "its only record; found: paper, title, text; ",
        ),
        ("title,Summary\nBox,\nLift, \n", "any of its 2 records; Summary is there and empty"),
        ('{"title": "Box", "\\ud800": 1, "' + "k" * 99 + '": 2}\n', f"found: title, {'k' * 40}; accepted: "),
        ("title,abstract\nBox,\nLift,We lift.\n", None),
        ('{"title": "Box"}\n{"title": "Lift", "summary": "We lift."}\n', None),
        ("title,abstract\n,none\n", None),
        (block("Box", abstract=" "), None),
    ],
)
def test_a_file_without_any_abstract_is_told(tmp_path: Path, data: str, remark: str | None) -> None:
    found = read([write(tmp_path, "list", data), write(tmp_path, "other", block("Other"))])
    assert found.notes == () and len(found.remarks) == (remark is not None)
    assert all(told.startswith("list: no abstract in ") and str(remark) in told for told in found.remarks)


def test_table_faults(tmp_path: Path) -> None:
    text = b'title,abstract\nGood,a\nToo,many,cells\n\xff,b\n,none\n"open,c\nLast,d\n'
    result = read([write(tmp_path, "t.csv", text)])
    assert sorted(paper.title for paper in result.papers) == ["Good", "Last"]
    assert [x.line for x in result.unread] == [3, 4, 5, 6]


def test_detect_and_table() -> None:
    assert get_reader("csv") is SOURCES["csv"]
    with pytest.raises(UnknownNameError, match="daily-html, daily-text, jsonl"):
        get_reader("xml")
    with pytest.raises(SourceError):
        detect(b"<?xml version='1.0'?><feed></feed>")


def record(title: str, page: str, **more: object) -> Paper:
    return Paper(title, "", sources=(SourceRef(page, page, 1),), **more)  # type: ignore[arg-type]


def test_dates() -> None:
    def dates(*papers: Paper) -> dict[str, str | None]:
        return {paper.title: paper.published for paper in settle_dates(papers)[0]}

    own = record("Old", "p", date_written="Feb 3, 2023")
    assert dates(own, record("New", "p", date_written="Jun 11"))["New"] == "2024-06-11"
    assert dates(record("New", "p", date_written="Jun 11"))["New"] is None
    helped = [record("New", "p", date_written="Jun 11"), record("New", "q", date_written="Jun 11, 2025")]
    assert dates(own, *helped)["New"] == "2025-06-11"
    assert dates(*helped, record("Other", "p", date_written="Mar 1"))["Other"] == "2025-03-01"
    assert (
        dates(record("X", "p", date_written="Jun 1, 2024"), record("X", "q", date_written="Jun 1, 2025"))["X"]
        is None
    )
    for impossible in ("Feb 29", "Feb 30"):
        old = record("Old", "p", date_written="Feb 3, 2024")
        assert dates(old, record("Leap", "p", date_written=impossible))["Leap"] is None
    assert "no Feb 29 in 2025" in settle_dates([old, record("Leap", "p", date_written="Feb 29")])[1][0]


def joined(
    records: Sequence[Paper], formats: Mapping[str, str] | None = None
) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    papers, notes = join_papers(records, formats=formats)
    return tuple(papers), notes


def test_identity() -> None:
    papers, notes = joined([
        record("Same", "a", id="2505.00001"), record("same!", "b"), record("Two", "a", id="2505.00002"),
        record("Two", "a", id="2505.00003"), record("Two", "b"), record("Alone", "b"), record("Alone", "c"),
    ])  # fmt: skip
    assert [paper.title for paper in papers if paper.id.startswith("2505")] == ["same!", "Two", "Two"]
    assert len(papers) == 5 and len(notes) == 1 and "2505.00002, 2505.00003" in notes[0]
    same = papers[[paper.id for paper in papers].index("2505.00001")]
    assert len(same.replaces) == 1 and len(same.sources) == 2


records = st.builds(
    record,
    st.sampled_from(["A", "a", "B b", "B-B", "Ç", "?!"]),
    st.sampled_from(["p", "q", "r"]),
    id=st.sampled_from(["", "2505.00001", "2505.00002", "2401.00001"]),
    date_written=st.sampled_from([None, "Jun 11", "Jun 12", "Feb 29", "Jun 11, 2025", "Jan 1, 2023"]),
    authors=st.sampled_from([(), ("X",), ("Y",), ("X", "Y")]),
    upvotes=st.sampled_from([None, 1, 2]),
)


@given(st.lists(records, max_size=8).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_order_does_not_matter(pair: tuple[list[Paper], list[Paper]]) -> None:
    formats = {"p": "daily-text", "q": "jsonl"}
    papers, notes = joined(pair[0], formats)
    assert (papers, notes) == joined(pair[1], formats)
    assert len({paper.id for paper in papers}) == len(papers)


PROSE = (
    "We look at how zebras find their way through long grass and what they remember of it afterwards. " * 3
)


def test_titles_and_abstracts_by_turns_are_a_copied_page(tmp_path: Path) -> None:
    pairs = [f"On Zebras, Part {n}\n\n{PROSE}\n" for n in range(4)]
    cut = write(tmp_path, "search.txt", "\n".join([PROSE, *pairs]).encode())
    assert len(read([cut]).papers) == 4, "the first abstract lost its title"
    heads = write(tmp_path, "notes.md", "\n".join(f"## Part {n}\n\n{PROSE}\n" for n in range(4)).encode())
    licence = write(tmp_path, "LICENSE", f"Copyright\n\n{PROSE}\n\nThe above\n\n{PROSE}\n".encode())
    found = read([heads, licence])
    assert not found.papers and len(found.unread) == 2


def test_a_long_line_of_spaces_is_read_in_no_time() -> None:
    assert not is_daily_text("q\n" + " " * 200_000 + "x\n")

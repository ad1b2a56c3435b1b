"""A record with named fields (a JSON object, a table row, a page's data) as a `Paper`."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from kg.model import Affiliation, Link, Paper
from kg.sources.dates import read_date
from kg.sources.files import fault_in
from kg.sources.identity import find_arxiv_id
from kg.sources.links import link_kind, merge_links

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("arxiv_id", "arxivid", "arxiv", "id", "paper_id", "eprint", "doi"),
    "title": ("title", "paper_title"),
    "abstract": ("abstract", "summary", "paper_abstract"),
    "date": ("published", "published_at", "publishedat", "publication_date", "date", "submitted", "created",
             "year"),
    "authors": ("authors", "author"),
    "num_authors": ("num_authors", "numauthors"),
    "organizations": ("organizations", "organization", "organisations", "organisation", "affiliations",
                      "affiliation"),
    "categories": ("categories", "category", "primary_category", "subjects"),
    "page": ("url", "urls", "link", "links", "pdf_url", "pdf", "paper_url", "abs_url"),
    "project": ("projectpage", "project_page", "project_url", "homepage"),
    "code": ("githubrepo", "github_repo", "github", "code", "code_url", "repo", "repository"),
    "upvotes": ("upvotes", "num_upvotes"),
    "comments": ("numcomments", "num_comments", "comments"),
}  # fmt: skip
"""The names, without regard to case, under which a field is looked for; the first that is filled counts."""

_NAME_LENGTH: Final = 40
COUNT_LIMIT: Final = 2**31 - 1
Complain = Callable[[str], None]


def normal_key(key: str) -> str:
    """Return the form in which the name of a field is compared.

    >>> normal_key(" Published At"), normal_key("arXiv-ID")
    ('published_at', 'arxiv_id')
    """
    return re.sub(r"[\s-]+", "_", key.strip().casefold())


def known_fields(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the fields that `keys` name.

    >>> known_fields(["ID", "Title", "Summary", "colour"])
    ('id', 'title', 'abstract')
    """
    normal = {normal_key(key) for key in keys}
    return tuple(field for field, names in FIELDS.items() if normal & set(names))


def no_abstract(names: Iterable[str], number: int) -> str:
    """Return what to tell of records none of which has an abstract.

    Args:
        names: Their columns or keys.
        number: How many records there are.

    >>> no_abstract(["title", "abstrct"], 12)
    'no abstract in any of its 12 records; found: title, abstrct; accepted: abstract, summary, paper_abstract'
    >>> no_abstract(["title", "Summary"], 1)
    'no abstract in its only record; Summary is there and empty'
    """
    where = "in its only record" if number == 1 else f"in any of its {number:,} records"
    shown = [name.strip()[:_NAME_LENGTH] or "(empty)" for name in names if not fault_in(name)]
    if empty := [name for name in shown if normal_key(name) in FIELDS["abstract"]]:
        return f"no abstract {where}; {empty[0]} is there and empty"
    return f"no abstract {where}; found: {', '.join(shown)}; accepted: {', '.join(FIELDS['abstract'])}"


def read_record(record: Mapping[str, Any], complain: Complain) -> Paper:
    """Return the paper of a record; `complain` is told of each field that was left out.

    Raises:
        ValueError: The record has no usable title or its text is broken; the message says which.
    """
    inner = record.get("paper")
    flat = {**record, **inner} if isinstance(inner, dict) else record
    values = {normal_key(key): value for key, value in flat.items() if not _is_missing(value)}

    def find(field: str) -> Any:
        return next((values[name] for name in FIELDS[field] if name in values), None)

    title, abstract = find("title"), find("abstract")
    if title is None:
        raise ValueError("a record without a title")
    for name, text in (("title", title), ("abstract", abstract)):
        if text is not None and not isinstance(text, str):
            raise ValueError(f"the {name} is {_kind(text)}, not text")
    urls = merge_links(_links(find, complain))
    written = _date(values, find("date"))
    published = read_date(written) if written else None
    if written and published is None and not re.fullmatch(r"\s*\d{4}\s*", written):
        complain(f"the date {written[:40]!r} is not understood; the paper is kept without it")
    categories = find("categories")
    paper = Paper(
        title=title,
        abstract=abstract or "",
        id=_id(values, urls),
        published=published,
        date_written=written,
        authors=_authors(values.get("authors_parsed"), find("authors"), complain),
        num_authors=_count(find("num_authors"), "number of authors", complain),
        organizations=_organizations(find("organizations"), complain),
        categories=tuple(
            _texts(categories, r"[;,]|\s+(?=[a-z-]+(?:\.[A-Za-z-]+)?(?:\s|$))", "categories", complain)
        ),
        urls=urls,
        upvotes=_count(find("upvotes"), "upvotes", complain),
        comments=_comments(find("comments"), complain),
    )
    texts = (paper.title, paper.abstract, written or "", *paper.authors, *paper.categories)
    texts += tuple(x.name + (x.handle or "") for x in paper.organizations) + tuple(x.url for x in urls)
    for text in texts:
        if fault := fault_in(text):
            raise ValueError(f"{fault} in the record")
    return paper


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or value in ("", [], {})
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, float) and math.isnan(value))
    )


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "an object", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)


def _id(values: Mapping[str, Any], urls: Iterable[Link]) -> str:
    """Return the arXiv id that the id fields or, if these have none, the addresses give; else nothing."""
    for name in FIELDS["id"]:
        value = values.get(name)
        if isinstance(value, str | float) and (found := find_arxiv_id(str(value))):
            return found
    from_urls = {found for link in urls if (found := find_arxiv_id(link.url))}
    return from_urls.pop() if len(from_urls) == 1 else ""


def _date(values: Mapping[str, Any], date: Any) -> str | None:
    """Return the date as written; of an arXiv record that of its first version."""
    versions = values.get("versions")
    if isinstance(versions, list) and versions and isinstance(versions[0], dict):
        created = versions[0].get("created")
        if isinstance(created, str):
            return created
    if isinstance(date, int) and not isinstance(date, bool) and 0 < date < 10**8:
        return str(date)
    return date if isinstance(date, str) else None


def _count(value: Any, name: str, complain: Complain) -> int | None:
    """Return a count, or None where there is none or it is none that can be."""
    if value is None:
        return None
    if (
        isinstance(value, str)
        and re.fullmatch(r"\s*-?[\d,]{1,15}(?:\.0*)?\s*", value)
        and re.search(r"\d", value)
    ):
        value = float(value.replace(",", ""))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= COUNT_LIMIT:
        return value
    complain(f"{name}: not a count; the paper is kept without it")
    return None


def _comments(value: Any, complain: Complain) -> int | None:
    """Return the number of comments; arXiv uses the same name for a remark in words."""
    if isinstance(value, str) and not re.fullmatch(r"\s*-?\d+\s*", value):
        return None
    return _count(value, "comments", complain)


def _texts(value: Any, separator: str, name: str, complain: Complain) -> Iterator[str]:
    """Yield the texts of a list, or of one string that holds a list or parts set off by `separator`."""
    if value is None:
        return
    if isinstance(value, str):
        parsed = _literal_list(value)
        value = re.split(separator, value) if parsed is None else parsed
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = (
                item.get("name") or item.get("literal") or _full_name(item.get("given"), item.get("family"))
            )
        if isinstance(item, str) and item.strip():
            yield item.strip()
        elif not isinstance(item, str):
            complain(f"{name}: {_kind(item)} where a name was expected; left out")


def _literal_list(value: str) -> list[Any] | None:
    """Return the list that a table cell spells out, as JSON or as Python writes it."""
    if not value.lstrip().startswith("["):
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            parsed = parse(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(parsed, list):
            return parsed
    return None


def _full_name(given: Any, family: Any) -> str:
    return " ".join(part for part in (given, family) if isinstance(part, str))


def _authors(parsed: Any, given: Any, complain: Complain) -> tuple[str, ...]:
    """Return the names of the authors in their order.

    >>> _authors([["Doe", "Jane", "Jr."]], None, print), _authors(None, "A. One, B. Two and C. Three", print)
    (('Jane Doe Jr.',), ('A. One', 'B. Two', 'C. Three'))
    """
    if isinstance(parsed, list):
        names = []
        for item in parsed:
            if isinstance(item, list) and item and all(isinstance(part, str) for part in item):
                last, first, *more = [*item, ""]
                names.append(" ".join(part for part in (first, last, *more[:1]) if part))
        if names:
            return tuple(names)
    separator = r"\s*;\s*" if isinstance(given, str) and ";" in given else r"\s*,\s*and\s+|\s*,\s*|\s+and\s+"
    return tuple(_texts(given, separator, "authors", complain))


def _organizations(value: Any, complain: Complain) -> tuple[Affiliation, ...]:
    """Return the organisations: names, or objects as Hugging Face (`name`, `fullname`) or others give them.

    >>> _organizations({"name": "uclanlp", "fullname": "UCLA NLP"}, print), _organizations("A; B", print)[1]
    ((Affiliation(name='UCLA NLP', handle='uclanlp'),), Affiliation(name='B', handle=None))
    """
    found = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            full, name, handle = item.get("fullname"), item.get("name"), item.get("handle")
            if isinstance(full, str) and full.strip():
                name, handle = full, name
            if isinstance(name, str) and name.strip():
                found.append(Affiliation(name, handle if isinstance(handle, str) and handle else None))
                continue
        found += [Affiliation(name) for name in _texts(item, r"\s*;\s*", "organizations", complain)]
    return tuple(found)


def _links(find: Callable[[str], Any], complain: Complain) -> Iterator[Link]:
    """Yield the addresses of the fields for the page, the project and the code."""
    for field in ("page", "project", "code"):
        for text in _texts(find(field), r"[\s;]+", field, complain):
            if re.match(r"https?://[^\s/]", text, re.IGNORECASE):
                kind = link_kind(text)
                if kind == "other" or field == "project":
                    kind = "project" if field == "project" else "code" if field == "code" else "other"
                yield Link(kind, text)

"""Web addresses in an abstract or a record, sorted into code, project page, the paper's own page, other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal
from urllib.parse import urlsplit

from kg.model import Link

_URL: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]“”‘’]+", re.IGNORECASE)
_TRAILING: Final = ".,;:!?*_~"
_CODE_HOSTS: Final = (
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "sourceforge.net",
    "gitee.com",
)
_PAGE_HOSTS: Final = ("arxiv.org", "alphaxiv.org", "openreview.net", "doi.org", "aclanthology.org")
_PROJECT_HOSTS: Final = (".github.io", ".gitlab.io", ".netlify.app", ".vercel.app", ".pages.dev")
_PROJECT_WORDS: Final = re.compile(
    r"(?:project(?:\s*'s)?\s+(?:web\s*)?(?:page|site|website)|homepage|home page|website|webpage)[^.]{0,40}$",
    re.IGNORECASE,
)


def find_links(text: str) -> tuple[Link, ...]:
    """Return the addresses in `text`, each once, sorted.

    >>> find_links("Code (https://github.com/a/b). Project page: https://a.example/b_(c)/.")
    (Link(kind='code', url='https://github.com/a/b'), Link(kind='project', url='https://a.example/b_(c)/'))
    """
    links = []
    for match in _URL.finditer(text):
        url = _trim(match.group())
        if url:
            before = text[max(0, match.start() - 80) : match.start()]
            links.append(Link(link_kind(url, before=before), url))
    return merge_links(links)


def merge_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return `links` sorted, one for each address; where kinds differ, a kind other than `other` stays.

    >>> merge_links([Link("other", "https://a.org"), Link("project", "https://a.org")])
    (Link(kind='project', url='https://a.org'),)
    """
    kinds: dict[str, set[Literal["code", "project", "page", "other"]]] = {}
    for link in links:
        kinds.setdefault(link.url, set()).add(link.kind)
    best = {url: min(found, key=("code", "project", "page", "other").index) for url, found in kinds.items()}
    return tuple(sorted((Link(kind, url) for url, kind in best.items()), key=lambda x: (x.kind, x.url)))


def link_kind(url: str, *, before: str = "") -> Literal["code", "project", "page", "other"]:
    """Return the kind of `url`; `before` is the text that leads up to it.

    >>> link_kind("https://github.com/a/b"), link_kind("https://a.github.io/b"), link_kind("https://arxiv.org/abs/1")
    ('code', 'project', 'page')
    >>> link_kind("https://huggingface.co/papers/2505.12345"), link_kind("https://huggingface.co/a/b")
    ('page', 'code')
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "other"
    if host in {"huggingface.co", "hf.co"}:
        return "page" if parts.path.startswith("/papers/") else "code"
    if host in _CODE_HOSTS or host.startswith("gitlab."):
        return "code"
    if host in _PAGE_HOSTS or any(host.endswith("." + page) for page in _PAGE_HOSTS):
        return "page"
    if host.endswith(_PROJECT_HOSTS) or host == "sites.google.com" or _PROJECT_WORDS.search(before):
        return "project"
    return "other"


def _trim(url: str) -> str:
    """Return `url` without the punctuation of the sentence around it; balanced parentheses stay."""
    while url:
        if url[-1] in _TRAILING or (url[-1] == ")" and url.count("(") < url.count(")")):
            url = url[:-1]
        elif ")" in url and _first_unbalanced(url) is not None:
            url = url[: _first_unbalanced(url)]
        else:
            break
    return url if re.match(r"https?://[^/\s]*[\w\]]", url, re.IGNORECASE) else ""


def _first_unbalanced(url: str) -> int | None:
    """Return where a `)` closes what `url` did not open, or None."""
    depth = 0
    for i, char in enumerate(url):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return i
    return None

r"""Names of things: cleaning for display, the normal form for comparison, and slugs for IRIs.

Stored text is never changed: these functions make new strings for names and display only.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "ϵ": "epsilon", "ϕ": "phi", "∞": "infty",
}  # fmt: skip

_DROPPED = re.compile("[^a-z0-9+*]+")
_SUBSCRIPT = re.compile(r"(?<=[\w∞])_\{?([\w.]+)\}?")


@lru_cache(maxsize=1)
def _latex() -> LatexNodes2Text:
    """Return what turns LaTeX into text, made when the first LaTeX comes."""
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    # it warns of a configuration where a name holds half a formula
    logging.getLogger("pylatexenc.latex2text").setLevel(logging.ERROR)
    macros = get_default_latex_context_db()
    fonts = [MacroTextSpec(font, "%s") for font in ("texttt", "textsf", "mbox")]
    macros.add_context_category("names", macros=fonts, prepend=True)
    return LatexNodes2Text(math_mode="text", keep_comments=True, latex_context=macros)


def _converted(source: str) -> Iterator[str]:
    """Yield a text without LaTeX.

    pylatexenc keeps exceptions in reference cycles, and these every frame from where they are raised back to
    the first. The frame of a generator that waits knows none before it: what a caller holds is free when it
    returns, although the garbage collector may rest (`kg.resolve.resolver.no_collection`).
    """
    yield str(_latex().latex_to_text(source, tolerant_parsing=True))


@lru_cache(maxsize=65536)
def clean_latex(text: str) -> str:
    r"""Return `text` with LaTeX marks turned into plain Unicode; sub- and superscript marks are kept.

    Unbalanced or unknown LaTeX is left as it is.

    >>> clean_latex(r"Pok\'emon"), clean_latex(r"RobotArena $\infty$"), clean_latex(r"10\%")
    ('Pokémon', 'RobotArena ∞', '10%')
    >>> clean_latex("G^2RPO"), clean_latex("$\\pi_0$"), clean_latex("100% of it")
    ('G^2RPO', 'π_0', '100% of it')
    """
    if "\\" not in text and "$" not in text:
        return text
    from pylatexenc.latexwalker import LatexWalkerError

    # A bare percent sign starts a LaTeX comment; in an abstract it is a percent sign.
    source = re.sub(r"(?<!\\)%", r"\\%", text)
    try:
        plain = next(_converted(source))
    except (LatexWalkerError, ValueError, LookupError, TypeError, AttributeError):  # macros without arguments
        return text
    return re.sub(r"\s+", " ", plain).strip() or text


@lru_cache(maxsize=1 << 17)
def display_name(surface: str) -> str:
    r"""Return the form of a surface string that people read: LaTeX cleaned, white space single.

    >>> display_name("$\\pi_{0.5}$"), display_name(r"\textbf{Yor-Sarc}"), display_name("π_0")
    ('π0.5', 'Yor-Sarc', 'π0')
    >>> display_name(r"$\texttt{RBCorr}$"), display_name(r"\textsf{HICOM}")
    ('RBCorr', 'HICOM')
    """
    name = re.sub(r"\s+", " ", clean_latex(surface)).strip()
    if re.match(r"[^\W\d_]_", name):
        name = _SUBSCRIPT.sub(r"\1", name, count=1)
    return name


@lru_cache(maxsize=262144)
def normal_form(name: str) -> str:
    r"""Return the form under which two spellings of one name are equal.

    LaTeX, accents, case, spaces, hyphens and punctuation but `+` and `*` go; Greek is spelled; a plural `s`
    of longer words goes. Empty for a name of punctuation alone.

    >>> normal_form("Meta-World") == normal_form("MetaWorld") == normal_form("metaworld")
    True
    >>> normal_form("π_0") == normal_form("$\\pi_0$") == normal_form("pi0") == "pi0"
    True
    >>> normal_form("C++") == normal_form("C")
    False
    """
    if name.isascii() and "\\" not in name and "$" not in name:
        text = _DROPPED.sub("", name.lower())
    else:
        text = unicodedata.normalize("NFKD", clean_latex(name)).casefold()
        text = "".join(GREEK.get(c, c) for c in text if not unicodedata.combining(c))
        text = "".join(c for c in text if c.isalnum() or c in "+*")
    return text[:-1] if len(text) > 4 and text.endswith("s") and not text.endswith("ss") else text


MOST_WORDS: Final = 7
"""Files that are passed on carry no longer run of an abstract's words than this."""

_WORD: Final = re.compile(r"[^\W_]+")


def few_words(text: str) -> str:
    """Return a text, cut after `MOST_WORDS` words; a hyphen parts words.

    >>> few_words("GRPO"), few_words("we show that it is state-of-the-art here")
    ('GRPO', 'we show that it is state-of …')
    """
    words = list(_WORD.finditer(text))
    return text if len(words) <= MOST_WORDS else text[: words[MOST_WORDS - 1].end()] + " …"


def title_key(title: str) -> str:
    """Return the key under which two spellings of one title are equal (letters and digits only).

    >>> title_key("A Title: With, marks!")
    'atitlewithmarks'
    """
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", clean_latex(title)).casefold())


def slug(name: str) -> str:
    """Return the IRI slug of a name.

    Lower case; white space, `_`, `/` and dashes become `-`; `+` becomes the word `plus`, `*` the word `star`
    (a word that is written so gets a `~` behind it); Greek letters are spelled; the dot stays; any other
    mark is `~` and its code point in hexadecimal. Two names with one slug have one `normal_form`, so no two
    entities share a slug.

    >>> slug("Qwen2.5-VL-7B"), slug("SAC+"), slug("A*"), slug("π0"), slug("Open X-Embodiment")
    ('qwen2.5-vl-7b', 'sac-plus', 'a-star', 'pi0', 'open-x-embodiment')
    >>> slug("G^2RPO"), slug("RobotArena ∞"), slug("Pokémon"), slug("SAC plus")
    ('g~5e2rpo', 'robotarena-infty', 'pokémon', 'sac-plus~')
    """
    text = unicodedata.normalize("NFKC", display_name(name)).casefold()
    words: list[str] = []
    for part in filter(None, _SEPARATOR.split(text)):
        if part in _SPELLED_MARK:
            words.append(_SPELLED_MARK[part])
        else:
            word = part if _PLAIN.fullmatch(part) else "".join(map(_slug_character, part))
            words.append(word + "~" if word in _SPELLED_MARK.values() else word)
    joined = "-".join(word for word in words if word)
    return joined if joined.strip(".-") else "x" + hashlib.sha256(name.encode()).hexdigest()[:12]


_SPELLED_MARK: Final = {"+": "plus", "*": "star"}
_PLAIN: Final = re.compile(r"[a-z0-9.]+")
_SEPARATOR: Final = re.compile(r"([+*])|[\s_/‐‑‒–—-]+")


def _slug_character(char: str) -> str:
    if char in GREEK:
        return GREEK[char]
    return char if char.isalnum() or char == "." else f"~{ord(char):x}"


def title_hash(title: str) -> str:
    """Return the id of a paper that has no arXiv id: 12 hexadecimal digits of its normalised title.

    >>> title_hash("A Title") == title_hash("a title!") and len(title_hash("A Title"))
    12
    """
    return hashlib.sha256(title_key(title).encode()).hexdigest()[:12]

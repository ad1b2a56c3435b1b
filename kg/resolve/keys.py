"""The key under which two spellings are one name, and how far apart two spellings with one key are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from kg.model import EntityType
from kg.names import GREEK, clean_latex

_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[^\w+*]+(?=\d)|(?<=\d)_+(?=\d)")
_VERSION: Final = re.compile(r"(?<![a-z])v(?=\d+\.\d)|(?<=\d)\.0$")
_ACRONYMS: Final = re.compile(r"[A-Z0-9][A-Z0-9-]*[A-Z0-9]s")
_IZE: Final = (
    "capital|categor|central|character|context|contextual|crystall|custom|digit|discret|equal|factor|final|"
    "formal|general|harmon|hierarch|ideal|individual|initial|internal|local|linear|marginal|material|"
    "maxim|memor|minim|mobil|modular|modern|monet|neutral|normal|optim|organ|parallel|parameter|parametr|"
    "penal|personal|polar|prior|quant|random|rational|real|recogn|regular|scalar|sequential|serial|social|"
    "special|stabil|standard|summar|symbol|synchron|synthes|token|util|vector|verbal|visual"
)
_BRITISH: Final = tuple(
    (triggers, re.compile(pattern), american)
    for triggers, pattern, american in (
        (("ise", "isi", "isa"), rf"({_IZE})is(?=e|ing|ation|able)", r"\1iz"),
        (("isation",), r"isation", "ization"),
        (("alys",), r"(an|par)alys(?=e|ing)", r"\1alyz"),
        (("ell",), r"(mod|lab|chann|canc|trav|tunn)ell(?=ed|er|ing)", r"\1el"),
        (("signall",), r"signall(?=ed|er|ing)", "signal"),
        (("our",), r"(behavi|col|fav|flav|harb|hon|hum|lab|neighb|rum|vap)our", r"\1or"),
        (("ntre", "bre", "tre"), r"(cent|calib|fib|lit|theat|spect)re(?![a-z])", r"\1er"),
        (("logue",), r"(ana|cata|dia)logue", r"\1log"),
        (("fence", "tence"), r"(def|off|pret)ence", r"\1ense"),
        (("artefact",), r"artefact", "artifact"),
        (("grey",), r"grey", "gray"),
        (("judgement",), r"judgement", "judgment"),
        (("programme",), r"programme(?![a-z])", "program"),
    )
)
_MAYBE_BRITISH: Final = re.compile("|".join(trigger for triggers, *_ in _BRITISH for trigger in triggers))
_PLURAL: Final = re.compile(r"ie$|(?<=ss|ch|sh)e$|(?<=x)e$")

BROAD: Final[dict[EntityType, str]] = {
    "Method": "method",
    "Model": "method",
    "Task": "concept",
    "Concept": "concept",
    "Benchmark": "benchmark",
    "Metric": "metric",
    "Organization": "organization",
}
"""What a thing is said to be, so broad that Method/Model and Task/Concept are no disagreement."""


@lru_cache(maxsize=1 << 20)
def match_key(name: str) -> str:
    r"""Return the key that all spellings of one name share.

    LaTeX, accents, case, spaces, hyphens and punctuation but `+` and `*` go, Greek is spelled, British
    becomes American, a plural singular. Between two digits one dot stays for whatever stood there, so that
    sizes and versions do not run together; `v1.5` is `1.5` and a last `.0` goes. Empty
    for a name of punctuation alone.

    >>> match_key("Group-Relative Policy Optimisation") == match_key("group relative policy optimizations")
    True
    >>> match_key("LLMs") == match_key("LLM"), match_key("$\\pi_0$") == match_key("π0") == "pi0"
    (True, True)
    >>> match_key("LLaVA-v1.5-7B") == match_key("LLaVA-1.5-7B"), match_key("wav2vec 2.0")
    (True, 'wav2vec2')
    >>> match_key("Llama 3.1 8B") == match_key("Llama-3.1-8B"), match_key("Llama 3 18B")
    (True, 'llama3.18b')
    """
    return _singular(_american(_letters(name[:-1] if _ACRONYMS.fullmatch(name) else name)))


def _letters(name: str) -> str:
    text = clean_latex(name)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = "".join(GREEK.get(c, c) for c in text if not unicodedata.combining(c))
    else:
        text = text.casefold()
    if text.isalnum():
        return text
    text = _VERSION.sub("", text)
    text = _BETWEEN_DIGITS.sub("\0", text)
    return "".join("." if c == "\0" else c for c in text if c.isalnum() or c in "+*\0")


def _american(text: str) -> str:
    if _MAYBE_BRITISH.search(text) is None:
        return text
    for triggers, pattern, american in _BRITISH:
        if any(trigger in text for trigger in triggers):
            text = pattern.sub(american, text)
    return text


def _singular(text: str) -> str:
    if len(text) <= 4:
        return text
    if text.endswith("s") and not text.endswith("ss"):
        text = text[:-1]
    return _PLURAL.sub(lambda match: "y" if match[0] == "ie" else "", text)


def difference(spelling: str, name: str) -> str:
    r"""Return the rule by which a spelling is a name with the same key; see `rules.RULES`.

    >>> difference("GRPO", "GRPO"), difference("grpo", "GRPO"), difference("Meta World", "Meta-World")
    ('exact', 'case', 'spacing')
    >>> difference("$\\pi_0$", "pi0"), difference("LLMs", "LLM"), difference("behaviour", "behavior")
    ('latex', 'plural', 'british')
    """
    if spelling == name:
        return "exact"
    if spelling.casefold() == name.casefold():
        return "case"
    if _marks_off(spelling) == _marks_off(name):
        return "spacing"
    one, other = _letters(spelling), _letters(name)
    if one == other:
        return "latex"
    return "british" if _american(one) != one or _american(other) != other else "plural"


def _marks_off(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "+*$\\{}^")


def is_acronym(name: str) -> bool:
    """Return whether a name is written as short forms are: one word, two capitals or more.

    >>> is_acronym("MATH"), is_acronym("CoT"), is_acronym("math"), is_acronym("Policy Optimization")
    (True, True, False, False)
    """
    return not any(c in name for c in " -") and sum(c.isupper() for c in name) > 1

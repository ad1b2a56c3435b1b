"""Which model, where, at what price: read from the environment."""

from __future__ import annotations

import math
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg.errors import ExtractorError

PREFIX: Final = "ABSTRACTKG_LLM_"
PATH: Final = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a model.

    `url` is the address up to `/chat/completions`; `timeout` the seconds for one answer; `retries` how often
    a busy or failing service is asked again, after `backoff` seconds, twice that, and so on, never more than
    `longest_wait`; `price_in` and `price_out` are for a million tokens. `cache` is a folder, or None for
    none. The key is not shown by `repr`, nor in any message.

    Raises:
        ExtractorError: the address is none, or the key cannot be sent.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 120.0
    retries: int = 4
    backoff: float = 1.0
    longest_wait: float = 60.0
    concurrency: int = 1
    seed: int = 0
    price_in: float | None = None
    price_out: float | None = None
    cache: Path | None = None

    def __post_init__(self) -> None:
        _check_address(self.url)
        if not all("!" <= char <= "~" for char in self.key):
            raise ExtractorError(f"{PREFIX}KEY holds a character that no key has (white space, or not ASCII)")

    @property
    def endpoint(self) -> str:
        """The address that questions are sent to.

        >>> Settings("https://llm.example/v1/", "m").endpoint
        'https://llm.example/v1/chat/completions'
        """
        parts = urllib.parse.urlsplit(self.url)
        path = parts.path.rstrip("/")
        return parts._replace(path=path if path.endswith(PATH) else path + PATH).geturl()

    @property
    def host(self) -> str:
        """The host of the address, for messages: what else an address holds may be secret."""
        return urllib.parse.urlsplit(self.url).netloc.rpartition("@")[2]


def from_environ(environ: Mapping[str, str]) -> Settings:
    """Return the settings that environment variables give.

    `ABSTRACTKG_LLM_URL` and `_MODEL` are needed; `_KEY`, `_TIMEOUT`, `_RETRIES`, `_CONCURRENCY`, `_SEED`,
    `_PRICE_IN`, `_PRICE_OUT` and `_CACHE` are optional.

    Raises:
        ExtractorError: a variable is missing or makes no sense; a message never shows the key.

    >>> from_environ({"ABSTRACTKG_LLM_URL": "http://localhost:8000/v1"})
    Traceback (most recent call last):
    kg.errors.ExtractorError: the extractor 'llm' needs ABSTRACTKG_LLM_MODEL, the name of the model to ask
    """
    given = {name: environ.get(PREFIX + name, "").strip() for name in VARIABLES}
    for name, what in (("URL", "the address of the service"), ("MODEL", "the name of the model to ask")):
        if not given[name]:
            raise ExtractorError(f"the extractor 'llm' needs {PREFIX}{name}, {what}")
    prices = [_number(given, name, least=0.0) for name in ("PRICE_IN", "PRICE_OUT")]
    if (prices[0] is None) != (prices[1] is None):
        raise ExtractorError(f"give both {PREFIX}PRICE_IN and {PREFIX}PRICE_OUT, or neither")
    return Settings(
        url=given["URL"],
        model=given["MODEL"],
        key=given["KEY"],
        timeout=_number(given, "TIMEOUT", least=0.001) or 120.0,
        retries=_whole(given, "RETRIES", default=4),
        concurrency=_whole(given, "CONCURRENCY", default=1, least=1),
        seed=_whole(given, "SEED", default=0),
        price_in=prices[0],
        price_out=prices[1],
        cache=Path(given["CACHE"]).expanduser() if given["CACHE"] else default_cache(environ),
    )


VARIABLES: Final = (
    "URL",
    "MODEL",
    "KEY",
    "TIMEOUT",
    "RETRIES",
    "CONCURRENCY",
    "SEED",
    "PRICE_IN",
    "PRICE_OUT",
    "CACHE",
)


def default_cache(environ: Mapping[str, str]) -> Path:
    """Return the folder for answers by the XDG rules.

    >>> default_cache({"XDG_CACHE_HOME": "/var/tmp/x"}).as_posix()
    '/var/tmp/x/abstractkg/llm'
    """
    given = environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if Path(given).is_absolute() else Path.home() / ".cache"
    return base / "abstractkg" / "llm"


def _check_address(url: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(char.isspace() for char in url):
        raise ExtractorError(f"{PREFIX}URL is no address such as https://host/v1")
    if parts.username is not None or parts.password is not None:
        raise ExtractorError(f"{PREFIX}URL holds a name or password; put the key into {PREFIX}KEY")


def _number(given: Mapping[str, str], name: str, *, least: float) -> float | None:
    text = given[name]
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < least:
        raise ExtractorError(f"{PREFIX}{name} is {text!r}, not a number from {least:g} up")
    return value


def _whole(given: Mapping[str, str], name: str, *, default: int, least: int = 0) -> int:
    value = _number(given, name, least=least)
    if value is not None and value != int(value):
        raise ExtractorError(f"{PREFIX}{name} is {given[name]!r}, not a whole number")
    return default if value is None else int(value)

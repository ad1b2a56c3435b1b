"""The explorer as one HTML file: the bundled script and style, and the data, in one page.

The page asks no host for anything; a Content-Security-Policy in its head, which names the script by its hash,
says so to the browser.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final

from kg.errors import MissingBundleError

_ESCAPES: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}

_PAGE: Final = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>$style</style>
</head>
<body>
<noscript>This page needs JavaScript. The same graph is in the Turtle and GraphML files beside it.</noscript>
<script type="application/json" id="licences">$licences</script>
<script type="application/json" id="data">$data</script>
<script>$script</script>
</body>
</html>
""")


def explorer_page(data: Mapping[str, Any]) -> str:
    """Return the whole page for what `explorer_data` returned.

    Args:
        data: A value of schema version 2.

    Returns:
        HTML that needs no other file; the same data gives the same text.

    Raises:
        MissingBundleError: The web parts were not bundled.
    """
    script, style = bundled("explorer.js"), bundled("explorer.css")
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return _PAGE.substitute(
        policy=policy,
        title=html.escape(str(data["title"])),
        style=style,
        licences=script_json(bundled("LICENCES.txt")),
        data=script_json(data),
        script=script,
    )


@cache
def bundled(name: str) -> str:
    """Return a file that `make bundle` made.

    Args:
        name: Its name in `kg/explorer/static`.

    Raises:
        MissingBundleError: It is not there.
    """
    file = files("kg.explorer") / "static" / name
    if not file.is_file():
        raise MissingBundleError(name)
    return file.read_text(encoding="utf-8")


def script_json(data: Any) -> str:
    r"""Return JSON that can stand inside a script element, whatever the texts in it are.

    >>> script_json({"a": "</script>&\u2028"})
    '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone surrogate cannot be encoded; as an escape it can.
    text = re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.translate(_ESCAPES)


def _source(text: str) -> str:
    """Return what a Content-Security-Policy calls an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

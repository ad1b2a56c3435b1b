"""How soon explorer pages can be used, in headless Chromium: `python -m tests.benchmarks.explorer PAGE…`.

From navigation until the page is ready, a search answers, and a click on a suggestion has opened the panel;
the fastest and the median of five, with WebGL in software and without WebGL.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import NO_WEBGL, SOFTWARE_WEBGL, launch, watched_page

RUNS = 5


def usable(browser: Browser, page_file: Path) -> tuple[float, float]:
    """Return seconds until the page is ready, and until a search opened the panel."""
    watched = watched_page(browser)
    watched.page.set_default_timeout(120_000)
    began = time.perf_counter()
    watched.page.goto(page_file.resolve().as_uri(), wait_until="commit")
    watched.page.locator("html[data-ready]").wait_for(state="attached")
    ready = time.perf_counter() - began
    watched.page.fill("#search", "learning")
    watched.page.press("#search", "Enter")
    watched.page.wait_for_function("document.body.classList.contains('open')")
    opened = time.perf_counter() - began
    watched.page.context.close()
    return ready, opened


def main(pages: list[str]) -> int:
    """Print a Markdown table of the pages."""
    if not pages:
        print('PAGES names no page: make bench-explorer PAGES="a.html b.html"', file=sys.stderr)
        return 2
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| page | MB | WebGL | ready, s | search answered and panel open, s |")
    print("| --- | --- | --- | --- | --- |")
    with sync_playwright() as playwright:
        for name, flags in (("software", SOFTWARE_WEBGL), ("none", NO_WEBGL)):
            browser = launch(playwright, *flags)
            for page in map(Path, pages):
                times = [usable(browser, page) for _ in range(RUNS)]
                columns = (f"{min(t):.2f} ({statistics.median(t):.2f})" for t in zip(*times, strict=True))
                size = page.stat().st_size / 1e6
                print(f"| {page.name} | {size:.1f} | {name} | {' | '.join(columns)} |")
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

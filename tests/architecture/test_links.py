"""Every link between the pages of this repository leads to a page, and to a heading where it names one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sources import ROOT

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "connectors").rglob("README.md")])


@cache
def _anchors(page: Path) -> frozenset[str]:
    """As hosts of Markdown make them: small letters, blanks as hyphens, nothing else but letters and digits."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


def _broken(page: Path) -> list[str]:
    found = []
    for link in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            found.append(f"{page.relative_to(ROOT)}: {link}")
    return found


def test_every_link_leads_somewhere() -> None:
    assert [link for page in PAGES for link in _broken(page)] == []


def test_there_are_links() -> None:
    assert sum(len(_LINK.findall(page.read_text("utf-8"))) for page in PAGES) > 100

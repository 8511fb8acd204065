"""Corrections are made until none is left, and leave everything beside them as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from toy_connectors import toy_registry

from hoploop.recipe.fixes import Seen, corrected_files
from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import read_included, source_of

BAD = Path(__file__).parent / "bad"
ENVIRON = {"TOY_CHAIN_ID": "31337", "TOY_VALUE": "hunter2-very-secret"}


class _Corrector:
    """Corrects recipes of the corpus in memory; nothing is written."""

    def __init__(self) -> None:
        self._texts: Mapping[str, str] = {}
        self._pipeline = Pipeline(toy_registry(), ENVIRON, self._read)

    def corrected(self, path: Path) -> Mapping[str, str]:
        return corrected_files(lambda texts: self.inspect(path, texts))[0]

    def inspect(self, path: Path, texts: Mapping[str, str]) -> Seen:
        self._texts = texts
        found = self._pipeline.inspect_all(source_of(self._read(str(path)), str(path)))
        return Seen(found.texts, found.report.findings)

    def _read(self, path: str) -> bytes:
        return self._texts[path].encode() if path in self._texts else read_included(path)


def _comments(text: str) -> list[str]:
    return re.findall("#[^\n]*", text)


def test_corrections_are_made_until_none_is_left_and_comments_stay() -> None:
    corrector, count = _Corrector(), 0
    for path in sorted(BAD.glob("*.yaml")):
        if texts := corrector.corrected(path):
            count += 1
            assert [one.fix for one in corrector.inspect(path, texts).findings if one.fix is not None] == [], path.stem
        for file, text in texts.items():
            assert _comments(text) == _comments(Path(file).read_text("utf-8")), path.stem
    assert count > 50

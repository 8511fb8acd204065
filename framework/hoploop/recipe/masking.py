"""Source lines as they may be shown: whatever stands behind a secret key or looks like key material is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from hoploop.recipe.diagnostics import Diagnostic
from hoploop.recipe.spans import Span

_ALWAYS_SECRET = r"(?:[A-Za-z0-9_]*_)?(?:key|keys|secret|password|passphrase|mnemonic|keypair|token|auth)"
_SECRET_WORD = re.compile(rf"(?:{_ALWAYS_SECRET})\Z", re.IGNORECASE)
_KEYLIKE = re.compile(r"(?:0x)?[0-9a-fA-F]{64,}|[1-9A-HJ-NP-Za-km-z]{80,}|\[(?:\s*\d{1,3}\s*,){15,}[^\]]*\]?")
_URL_SECRET = re.compile(r"(://)[^/\s@]+@|((?:api[-_]?key|token|auth|secret)=)[^&\s\"']+", re.IGNORECASE)
_KEY_OR_VARIABLE = re.compile(r"""([A-Za-z_][A-Za-z0-9_]*)["']?[ \t]*:\s|\$\{var:([A-Za-z_][A-Za-z0-9_]*)\}""")
_URL = re.compile(r"(?<=://)([^\s\"'<>/?#]+)([/?#][^\s\"'<>]*)")
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{16,}")
_MASK = "********"
_SECRET_LENGTH = 4
"""Shorter texts of the environment are words that stand in messages anyway."""
_LONGEST = 4_096


class Snippets:
    """Source lines of the files of a recipe, masked: what stands behind a secret key or looks like key material."""

    def __init__(
        self,
        texts: Mapping[str, str],
        names: Iterable[str] = (),
        masked: Iterable[Span] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`names` are secret keys, `masked` stretches to hide, `environment` what was read of it."""
        self._environment = [(text, name) for name, text in (environment or {}).items() if len(text) >= _SECRET_LENGTH]
        self._texts = texts
        self._words = "|".join([_ALWAYS_SECRET, *sorted(map(re.escape, {*names, *_secret_variables(texts, names)}))])
        self._masked = tuple(masked)
        self._files: dict[str, _File] = {}

    def line(self, file: str, number: int) -> str:
        """One line, 1-based, as it may be shown; empty when there is none."""
        return self._of(file).line(number)

    def scrubbed(self, finding: Diagnostic) -> Diagnostic:
        """The finding without label and fix when what it points at is hidden: they may quote it.

        Nothing that looks like key material is quoted either, nor anything of the environment: whatever came from
        there stands as it is written.
        """
        if (finding.label or finding.fix) and self._of(finding.span.file).hides(finding.span):
            finding = msgspec.structs.replace(finding, label="", fix=None)
        words = (finding.message, finding.label, *finding.notes, *finding.path)
        public = tuple(self._public(word) if isinstance(word, str) else word for word in words)
        if public != words:
            message, label, *rest = public
            notes, path = rest[: len(finding.notes)], rest[len(finding.notes) :]
            finding = msgspec.structs.replace(
                finding, message=message, label=label, notes=tuple(notes), path=tuple(path), fix=None
            )
        if finding.fix is not None and self._public(finding.fix.text) != finding.fix.text:
            finding = msgspec.structs.replace(finding, fix=None)
        return finding

    def _public(self, word: str) -> str:
        for text, name in self._environment:
            word = word.replace(text, f"${{env:{name}}}")
        return hide_key_material(word)

    def _of(self, file: str) -> _File:
        if file not in self._files:
            spans = [span for span in self._masked if span.file == file]
            self._files[file] = _File(self._texts.get(file, ""), self._words, spans)
        return self._files[file]


class _File:
    """The lines of one file; made when one of them is shown."""

    def __init__(self, text: str, words: str, masked: Iterable[Span]) -> None:
        self._plain = text.split("\n")
        self._lines = list(self._plain)
        self._shown: dict[int, str] = {}
        self._secret_key = re.compile(rf"""((?:^|[\s{{,"'-])(?:{words})["']?\s*:\s+)(.+)$""", re.IGNORECASE)
        self._block = re.compile(rf"""^(\s*)(?:- +)*["']?(?:{words})["']?\s*:\s*(?:[|>&!].*)?$""", re.IGNORECASE)
        for span in masked:
            self._mask(span)
        self._mask_blocks()

    def line(self, number: int) -> str:
        if not 1 <= number <= len(self._lines):
            return ""
        if number not in self._shown:
            line = self._secret_key.sub(_hide_value, self._lines[number - 1])
            self._shown[number] = hide_key_material(line).rstrip("\r")
        return self._shown[number]

    def hides(self, span: Span) -> bool:
        if span.line > len(self._lines):
            return False
        shown = self.line(span.line)
        return "*" in shown[span.col - 1 : max(span.end_col - 1, span.col)] and shown != self._plain[span.line - 1]

    def _mask(self, span: Span) -> None:
        for number in range(span.line, min(span.end_line, len(self._lines)) + 1):
            line = self._lines[number - 1]
            start = span.col - 1 if number == span.line else 0
            end = span.end_col - 1 if number == span.end_line else len(line)
            self._lines[number - 1] = line[:start] + "*" * (end - start) + line[end:]

    def _mask_blocks(self) -> None:
        """Hide what stands indented below a secret key, so that a broken file shows no part of it either."""
        depth: int | None = None
        for index, line in enumerate(self._lines):
            indent = len(line) - len(line.lstrip())
            if depth is not None and (not line.strip() or indent > depth):
                self._lines[index] = " " * indent + "*" * (len(line) - indent)
                continue
            match = self._block.match(line)
            depth = len(match[1]) if match else None


def _secret_variables(texts: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """Variables that a secret key takes its value from, directly or through others: what they hold is as secret."""
    if not any("${var:" in text for text in texts.values()):
        return frozenset()
    uses: dict[str, set[str]] = {}
    for text in texts.values():
        last = ""
        for key, name in _KEY_OR_VARIABLE.findall(text):
            last = key or last
            if name:
                uses.setdefault(last.lower(), set()).add(name)
    wanted = {name.lower() for name in names}
    todo = [key for key in uses if key in wanted or secret_word(key)]
    found: set[str] = set()
    while todo:
        more = uses.get(todo.pop().lower(), set()) - found
        found |= more
        todo += more
    return frozenset(found)


def hide_key_material(text: str) -> str:
    """Mask what looks like a private key, a key file or a URL with credentials."""
    if "://" in text:
        text = _URL.sub(_hide_in_url, text)
    text = _URL_SECRET.sub(lambda match: f"{match[1]}{_MASK}@" if match[1] else f"{match[2]}{_MASK}", text)
    return _KEYLIKE.sub(lambda match: "*" * len(match[0]), text)


def secret_word(key: str) -> bool:
    """Whether a key that the language does not know sounds like one that holds a secret."""
    return _SECRET_WORD.match(key) is not None


def shown(text: str, width: int = 60) -> str:
    """A word of the recipe as a message may quote it: masked and not too long."""
    hidden = hide_key_material(text[:_LONGEST])
    return hidden if len(hidden) <= width else hidden[: width - 3] + "…"


def _hide_in_url(match: re.Match[str]) -> str:
    """Providers put keys into paths and queries: long words there are hidden, host and short words stay."""
    return match[1] + _LONG_WORD.sub(_MASK, match[2])


def _hide_value(match: re.Match[str]) -> str:
    value = match[2]
    if re.match(r"""["']?\$\{secret:[a-z]+/[^}]*\}["']?\s*(?:#.*|[,}].*)?$""", value) or value.startswith("#"):
        return match[0]
    return match[1] + "*" * len(value)

"""Bytes to nodes: reads YAML from the event stream, keeps every place and refuses what readers disagree about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from hoploop.recipe.diagnostics import Diagnostic, Edit, Related
from hoploop.recipe.masking import hide_key_material
from hoploop.recipe.nodes import Entry, Node
from hoploop.recipe.scalars import read_plain
from hoploop.recipe.size import MAX_DEPTH, MAX_MADE, MAX_NODES, MAX_VIRTUAL, measure
from hoploop.recipe.source import Source
from hoploop.recipe.spans import Span

_NO_DIRECTIVES = "YAML directives are not allowed"
_NO_TEXT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def read_document(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """Parse one recipe file; every finding of this stage, and the tree unless there is none."""
    reader = _Reader(source.file)
    if source.problem is not None:
        return None, [source.problem]
    try:
        root = reader.read(source.text)
    except _Stop as stop:
        return None, [*reader.findings, stop.finding]
    except MarkedYAMLError as error:
        return None, [*reader.findings, _syntax(source, error)]
    except YAMLError as error:
        span = source.span_at(getattr(error, "position", 0) or 0)
        return None, [Diagnostic(code="R009", span=span, message="a character is not acceptable here")]
    except AssertionError:  # how the parser refuses a version of YAML
        span = _directive(source.file, source.text.split("\n"))
        return None, [*reader.findings, Diagnostic(code="R006", span=span, message=_NO_DIRECTIVES)]
    if root is None and not reader.findings:
        reader.find("R005", Span(source.file, 1, 1, 1, 2), "the file is empty")
    if root is not None and (size := measure(root).nodes) > MAX_VIRTUAL:
        message = f"aliases expand to {size} nodes (limit {MAX_VIRTUAL})"
        return None, [*reader.findings, Diagnostic(code="R004", span=root.span, message=message)]
    return root, reader.findings


class _Stop(Exception):
    """Nothing after this finding can be read."""

    def __init__(self, code: str, span: Span, message: str) -> None:
        super().__init__(message)
        self.finding = Diagnostic(code=code, span=span, message=message)


class _Reader:
    """Builds the tree; one object a file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Diagnostic] = []
        self._anchors: dict[str, Node | None] = {}
        self._anchor_spans: dict[str, Span] = {}
        self._count = self._made = 0
        self._events: Iterator[Any] = iter(())

    def find(self, code: str, span: Span, message: str, *related: Related, label: str = "") -> None:
        self.findings.append(Diagnostic(code=code, span=span, message=message, label=label, related=related))

    def read(self, text: str) -> Node | None:
        self._events = iter(YAML(typ="safe", pure=True).parse(text))
        root, documents = None, 0
        for event in self._events:
            if not isinstance(event, ev.DocumentStartEvent):
                continue
            documents += 1
            if event.version or event.tags:
                lines = text.split("\n")[: event.start_mark.line + 1]  # the event is at the `---` after it
                raise _Stop("R006", _directive(self.file, lines), _NO_DIRECTIVES)
            if documents > 1:
                raise _Stop("R008", self._span(event), "only one document per file is allowed")
            root = self._node(next(self._events), 1)
        if root is not None and root.kind == "scalar" and root.raw == "" and root.plain:
            return None
        return root

    def _span(self, start: Any, end: Any = None) -> Span:
        first, last = start.start_mark, (end or start).end_mark
        return Span(self.file, first.line + 1, first.column + 1, last.line + 1, last.column + 1)

    def _node(self, event: Any, depth: int) -> Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise _Stop("R003", self._span(event), f"more than {MAX_NODES} nodes")
        if depth > MAX_DEPTH:
            raise _Stop("R003", self._span(event), f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, ev.AliasEvent):
            return self._alias(event)
        if event.anchor:
            self._open_anchor(event)
        if event.tag and not (isinstance(event, ev.ScalarEvent) and event.implicit[1] and str(event.tag) == "!"):
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self.find("R007", self._span(event), f"the tag {tag[:60]} is not allowed", label="remove it")
        if isinstance(event, ev.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, ev.SequenceStartEvent):
            node = self._list(event, depth)
        else:
            node = self._map(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _open_anchor(self, event: Any) -> None:
        if event.anchor in self._anchors:
            first = Related("first defined here", self._anchor_spans[event.anchor])
            self.find("R013", self._span(event), f"anchor &{event.anchor} is defined twice", first)
        self._anchors[event.anchor] = None
        self._anchor_spans[event.anchor] = self._span(event)

    def _alias(self, event: Any) -> Node:
        span = self._span(event)
        if event.anchor not in self._anchors:
            raise _Stop("R014", span, f"there is no anchor &{event.anchor} before this alias")
        target = self._anchors[event.anchor]
        if target is None:
            raise _Stop("R014", span, f"*{event.anchor} refers to itself")
        return Node(
            target.kind, target.span, target.value, target.raw, target.plain, target.items, target.entries, span
        )

    def _scalar(self, event: Any) -> Node:
        span = self._span(event)
        if event.style is not None:
            text = self._text(event, span)
            return Node("scalar", span, text, text)
        if event.anchor and span.line == span.end_line:
            span = span._replace(col=span.end_col - len(event.value))
        reading = read_plain(event.value)
        if reading.quote:
            self._quote(span, event.value, reading.quote)
        return Node("scalar", span, reading.value, event.value, plain=True)

    def _text(self, event: Any, span: Span) -> str:
        """What quotes hold; escapes can write what no file name and no UTF-8 may hold, or what moves a terminal."""
        text: str = event.value
        if _NO_TEXT.search(text):
            self.find("R009", span, "an escape here makes a control character or half a character")
        return _NO_TEXT.sub("\ufffd", text)

    def _quote(self, span: Span, text: str, why: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        label, fix = f'quote it: "{shown}"', Edit(span, f'"{text}"')
        self.findings.append(Diagnostic(code="R015", span=span, message=f"this {why}", label=label, fix=fix))

    def _list(self, event: Any, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(following := next(self._events), ev.SequenceEndEvent):
            items.append(self._node(following, depth + 1))
        return Node("list", self._closed(event, following, items[-1] if items else None), items=items)

    def _map(self, event: Any, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        merges, last = [], None
        while not isinstance(following := next(self._events), ev.MappingEndEvent):
            key_span = self._span(following)
            if not isinstance(following, ev.ScalarEvent):
                raise _Stop("R016", key_span, "keys must be plain text")
            last = self._node(next(self._events), depth + 1)
            if last.kind == "scalar" and last.plain and not last.raw:
                last.span = key_span
            if following.style is None and following.value == "<<":
                merges.append((key_span, last))
            else:
                self._add(entries, following, key_span, last)
        for position, (key_span, source) in enumerate(merges):
            if position:
                self.find("R011", key_span, "more than one '<<' in a mapping", label="write '<<: [*a, *b]'")
            self._merge(entries, key_span, source)
        return Node("map", self._closed(event, following, last), entries=entries)

    def _add(self, entries: dict[str, Entry], key: Any, span: Span, value: Node) -> None:
        if key.style is None and (reading := read_plain(key.value)).quote:
            self._quote(span, key.value, reading.quote)
        if key.tag or key.anchor:
            self.find("R016", span, "keys take no tags and no anchors")
        name = self._text(key, span)
        if name in entries:
            first = Related("first written here", entries[name].key)
            self.find("R010", span, f"duplicate key '{hide_key_material(name)[:60]}'", first)
            return
        entries[name] = Entry(span, value)

    def _merge(self, entries: dict[str, Entry], key_span: Span, source: Node) -> None:
        for part in source.items if source.kind == "list" else [source]:
            if part.kind != "map":
                self.find("R012", part.used or part.span, "'<<' needs a mapping")
                continue
            step = Related("merged in here", part.used or key_span, "merge")
            self._made += len(part.entries)
            if self._made > MAX_MADE:
                raise _Stop("R003", key_span, f"'<<' makes more than {MAX_MADE} entries")
            for key, entry in part.entries.items():
                if key not in entries:
                    entries[key] = Entry(entry.key, entry.node.via(step))

    def _closed(self, start: Any, end: Any, last: Node | None) -> Span:
        """Flow collections end at their bracket, block ones where their last child ends."""
        if start.flow_style or last is None:
            return self._span(start, end)
        final = last.used or last.span
        return self._span(start)._replace(end_line=final.end_line, end_col=final.end_col)


def _directive(file: str, lines: Sequence[str]) -> Span:
    """The last of these lines that is a directive."""
    number = max((number for number, line in enumerate(lines, 1) if line.startswith("%")), default=1)
    return Span(file, number, 1, number, len(lines[number - 1]) + 1)


_WORDS: tuple[tuple[str, str, str], ...] = (
    (r"found character '\\t'", "a tab cannot indent", "use spaces"),
    (r"found character '(.)' that cannot start", "text cannot start with '{}'", "quote it"),
    (r"mapping values are not allowed", "a ':' is not expected here",
     "indent it like its neighbours, or quote text that holds ': '"),
    (r"expected <block end>, but found '(?:<block|\?|-)", "this does not belong to the lines above",
     "indent it like its neighbours"),
    (r"expected <block end>, but found", "something follows a value", "quote the whole value, or start a new line"),
    (r"expected ',' or '([\]}])'", "expected ',' or '{}'", ""),
    (r"could not find expected ':'", "a key without ':'", "write KEY: VALUE"),
    (r"found unknown escape character", "an unknown escape in \"…\"", "write '…' to take \\ as it stands"),
)  # fmt: skip
"""What the YAML reader says, what an operator is told, and what to do."""
_OPEN_QUOTE = "while scanning a quoted scalar"


def _syntax(source: Source, error: MarkedYAMLError) -> Diagnostic:
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    file, lines = source.file, source.text.split("\n")
    if error.context == _OPEN_QUOTE and context is not None and "end of stream" in (error.problem or ""):
        span = Span(file, context.line + 1, context.column + 1, context.line + 1, context.column + 2)
        return Diagnostic(code="R001", span=span, message="this quote is never closed")
    in_flow = "${" in lines[line - 1] and (error.context or "").startswith("while parsing a flow")
    related: tuple[Related, ...] = ()
    if context is not None and context is not mark and (context.line, context.column) != (line - 1, col - 1):
        place = Span(file, context.line + 1, context.column + 1, context.line + 1, context.column + 2)
        related = (Related("it started here", place),)
    message, label = _said(error)
    label = 'within [ ] and { } write "${…}" in quotes' if in_flow else label
    span = Span(file, line, col, line, col + 1)
    return Diagnostic(code="R001", span=span, message=message, label=label, related=related)


def _said(error: MarkedYAMLError) -> tuple[str, str]:
    problem = (error.problem or "this is not YAML").strip()
    for pattern, message, label in _WORDS:
        if match := re.match(pattern, problem):
            return message.format(*match.groups()), label
    return problem, ""

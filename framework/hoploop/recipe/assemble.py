"""Files to one tree: includes, profile, templates and defaults, variables and references, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hoploop.recipe.diagnostics import Diagnostic, Related, has_errors
from hoploop.recipe.include import Includes
from hoploop.recipe.language.head import LOADER_KEYS
from hoploop.recipe.masking import shown
from hoploop.recipe.merge import Merger, TooMuch
from hoploop.recipe.nodes import Came, Entry, Node, children, named
from hoploop.recipe.resolve import resolve
from hoploop.recipe.sections import ITEM_SECTIONS, is_name, one_of, whole_by
from hoploop.recipe.size import MAX_DEPTH, MAX_VIRTUAL, measure
from hoploop.recipe.source import Reader, Source
from hoploop.recipe.spans import Path, Span
from hoploop.recipe.templates import Expander
from hoploop.recipe.variables import used_in
from hoploop.recipe.words import suggest

_MAPPINGS = ("vars", "defaults", "templates", "profiles")
MAX_PROFILES = 64


class Files(NamedTuple):
    """A recipe with its includes, before a profile is chosen. `root` is None when it cannot be read."""

    top: Source
    root: Node | None
    sources: tuple[Source, ...]
    findings: tuple[Diagnostic, ...]
    merger: Merger

    @property
    def named(self) -> bool:
        """Whether the recipe itself, not a file it includes, gives its name."""
        entry = None if self.root is None else self.root.entries.get("recipe")
        return entry is not None and entry.key.file == self.top.file

    @property
    def profiles(self) -> Mapping[str, Entry]:
        """The profiles the recipe knows; what is no name cannot be chosen."""
        entry = None if self.root is None else self.root.entries.get("profiles")
        return {} if entry is None else {key: one for key, one in entry.node.entries.items() if is_name(key)}


class Assembly(NamedTuple):
    """One tree without loader keys, what they held, what is wrong so far, and which environment variables it read."""

    root: Node | None
    settings: Mapping[str, Node]
    findings: list[Diagnostic]
    read: frozenset[str] = frozenset()
    unused: tuple[tuple[Path, Node], ...] = ()
    """Templates and defaults that no item has taken, with their ways."""


def gather(source: Source, read: Reader) -> Files:
    """Read a recipe and everything it includes."""
    merger = Merger()
    includes = Includes(read, merger)
    try:
        root = includes.load(source)
        findings = [*includes.findings, *merger.findings]
        if root is not None and root.kind == "map":
            findings += _shape(root)
            if not has_errors(findings):
                findings += _unused(root, source.file)
    except TooMuch as much:
        root, findings = None, [*includes.findings, much.finding(source.file)]
    return Files(source, root, tuple(includes.sources), tuple(findings), merger)


def assemble(files: Files, environ: Mapping[str, str], profile: str | None = None) -> Assembly:
    """The recipe as a profile (or none) makes it."""
    findings = list(files.findings)
    if files.root is None or files.root.kind != "map" or has_errors(findings):
        return Assembly(files.root, {}, findings)
    try:
        return _Assembler(files, findings).run(environ, profile)
    except TooMuch as much:
        return Assembly(None, {}, [*findings, much.finding(files.top.file)])


class _Assembler:
    """Puts one recipe together."""

    def __init__(self, files: Files, findings: list[Diagnostic]) -> None:
        self._files = files
        self._merger = files.merger.fork()
        self.findings = findings

    def run(self, environ: Mapping[str, str], profile: str | None) -> Assembly:
        assert self._files.root is not None
        root = self._files.root if profile is None else self._overlaid(self._files.root, profile)
        settings = {key: root.entries[key].node for key in LOADER_KEYS if key in root.entries}
        unused: list[tuple[Path, Node]] = []
        if not has_errors(self.findings):
            root, unused = self._expanded(root, settings)
        if has_errors(self.findings):
            return Assembly(root, settings, self.findings)
        resolved = resolve(root, environ, named(settings.get("vars")), [node for _, node in unused])
        self.findings += resolved.findings
        left = tuple((path, node) for (path, _), node in zip(unused, resolved.others, strict=True))
        size = measure(resolved.root)
        if size.nodes > MAX_VIRTUAL or size.depth > MAX_DEPTH:
            message = f"this expands to {size.nodes} nodes, {size.depth} deep (limits {MAX_VIRTUAL} and {MAX_DEPTH})"
            self.findings.append(Diagnostic(code="R004", span=root.span, message=message))
            return Assembly(None, settings, self.findings, resolved.read)
        return Assembly(resolved.root, settings, self.findings, resolved.read, left)

    def _overlaid(self, root: Node, profile: str) -> Node:
        known = self._files.profiles
        base = Node("map", root.span, entries={key: kept for key, kept in root.entries.items() if key != "profiles"})
        if profile not in known:
            place = root.entries["profiles"].key if "profiles" in root.entries else _start(root)
            self._find("R038", place, f"there is no profile '{shown(profile)}'", suggest(profile, known))
            return base
        key, overlay = known[profile]
        for name in ("include", "profiles"):
            if name in overlay.entries:
                self._find("R039", overlay.entries[name].key, f"'{name}' has no place in a profile", way=overlay.way)
        step = Related(f"from the profile '{profile}'", key, f"profile {profile}")
        merged = self._merger.merge(base, overlay, from_upper=(step, *root.entries["profiles"].node.way))
        self.findings += self._merger.findings
        self.findings += _shape(merged)
        return merged

    def _expanded(self, root: Node, settings: Mapping[str, Node]) -> tuple[Node, list[tuple[Path, Node]]]:
        expander = Expander(settings.get("templates"), self._merger)
        defaults = settings["defaults"].entries if "defaults" in settings else {}
        for section, entry in defaults.items():
            if section not in ITEM_SECTIONS:
                label = suggest(section, ITEM_SECTIONS)
                self._find("R037", entry.key, f"'{shown(section)}' is no section with items", label, way=entry.node.way)
            if "use" in entry.node.entries:
                key = entry.node.entries["use"].key
                self._find("R039", key, "'use' has no place in defaults", "use: belongs to each item")
        below = named(settings.get("defaults"))
        entries = {name: entry for name, entry in root.entries.items() if name not in LOADER_KEYS}
        for section in ITEM_SECTIONS:
            if section in entries and entries[section].node.kind == "list":
                place, node = entries[section]
                # The way of the list is that of its items, not of what is put below them.
                own = [item.via(*node.way) for item in node.items]
                items = [_item(expander, item, section, index, below.get(section)) for index, item in enumerate(own)]
                if any(new is not old for new, old in zip(items, own, strict=True)):
                    node = Node("list", node.span, items=items)
                self._additions(section, node)
                entries[section] = Entry(place, node)
        self.findings += expander.findings
        self.findings += self._merger.findings
        unused: list[tuple[Path, Node]] = [
            (("defaults", section), node)
            for section, node in below.items()
            if section not in entries or not entries[section].node.items
        ]
        unused += [(("templates", name), node) for name, node in expander.unused()]
        return Node("map", root.span, entries=entries), unused

    def _additions(self, section: str, items: Node) -> None:
        """An item that a later file adds must be whole; else it is a patch of an item that is not there."""
        needed = whole_by(section)
        for index, item in enumerate(items.items if needed else ()):
            entry = item.entries.get("id")
            added = None if entry is None else self._merger.additions.get(entry.node.span)
            if added is None or added.section != section or needed in item.entries:
                continue
            place = item.entries["id"].node
            self.findings.append(
                Diagnostic(
                    code="R034",
                    span=place.span,
                    message=f"no {one_of(section)} has the id '{shown(added.name)}'; a new one needs '{needed}'",
                    label=suggest(added.name, added.known),
                    path=(section, index, "id"),
                    related=(*items.way, *item.way, *place.way),
                )
            )

    def _find(self, code: str, span: Span, message: str, label: str = "", way: Came = ()) -> None:
        self.findings.append(Diagnostic(code=code, span=span, message=message, label=label, related=way))


def _item(expander: Expander, item: Node, section: str, index: int, defaults: Node | None) -> Node:
    return item if item.kind != "map" else expander.item(item, (section, index), defaults)


def _start(root: Node) -> Span:
    return root.span._replace(end_line=root.span.line, end_col=root.span.col + 1)


def _shape(root: Node) -> Iterator[Diagnostic]:
    """Loader keys hold mappings; those of defaults, templates and profiles again."""
    if "profiles" in root.entries and len(root.entries["profiles"].node.entries) > MAX_PROFILES:
        place = root.entries["profiles"].key
        yield Diagnostic(code="R040", span=place, message=f"more than {MAX_PROFILES} profiles", path=("profiles",))
    for key in _MAPPINGS:
        entry = root.entries.get(key)
        if entry is None:
            continue
        wrong: list[tuple[Node, Path]] = [(entry.node, (key,))] if entry.node.kind != "map" else []
        for name, (place, inner) in entry.node.entries.items():
            if key != "vars" and inner.kind != "map":
                wrong.append((inner, (key, name)))
            if not is_name(name):
                why = "longer than 48 characters" if is_name(name[:48]) else "letters, digits and _ only"
                message = f"this is not a name: {why}"
                yield Diagnostic(code="R105", span=place, message=message, path=(key, name), related=inner.way)
        for node, path in wrong:
            label = "give it a value, or leave it out" if node.kind == "scalar" and node.value is None else ""
            message = "expected a mapping"
            yield Diagnostic(code="R103", span=node.span, message=message, label=label, path=path, related=node.way)


def _unused(root: Node, file: str) -> Iterator[Diagnostic]:
    """Templates and variables of the recipe itself that nothing uses, in no profile either."""
    used = {"vars": set(used_in(root)), "templates": set(_templates_used(root))}
    for key, names in used.items():
        entries = root.entries[key].node.entries if key in root.entries else {}
        for name, (place, _) in entries.items():
            if name not in names and place.file == file:
                message = f"nothing uses the {'variable' if key == 'vars' else 'template'} '{name}'"
                yield Diagnostic(code="R390", span=place, message=message, severity="warning", path=(key, name))


def _templates_used(root: Node) -> Iterator[str]:
    seen: dict[int, object] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        shared: object = node.items if node.kind == "list" else node.entries
        if node.kind == "scalar" or id(shared) in seen:
            continue
        seen[id(shared)] = shared
        use = node.entries.get("use")
        if use is not None:
            yield from (word.value for word in (use.node, *use.node.items) if isinstance(word.value, str))
        stack += [child for _, child in children(node)]

"""Puts variables and the environment into scalars and keeps ${secret:…} as a reference; never changes a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hoploop.recipe.diagnostics import Diagnostic, Related
from hoploop.recipe.nodes import Entry, Node, Secret
from hoploop.recipe.scalars import read_plain
from hoploop.recipe.variables import VAR, ordered
from hoploop.recipe.words import suggest

_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_ENV = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)\Z")
_SCHEME = re.compile(r"[a-z]+:([A-Za-z_][A-Za-z0-9_]*)\Z")
_SECRET = re.compile(r"secret:([a-z]+)/(.+)\Z")
_MAX_TEXT = 65_536
BACKENDS: Mapping[str, re.Pattern[str]] = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z"),
    "file": re.compile(r"[^\x00-\x1f]+\Z"),
    "embedded": re.compile(r"[a-z][a-z0-9_]*\Z"),
}


class Resolved(NamedTuple):
    """The tree with values for references, what is wrong with them, and the environment variables that were read."""

    root: Node
    others: list[Node]
    findings: list[Diagnostic]
    read: frozenset[str]


def resolve(
    root: Node, environ: Mapping[str, str], variables: Mapping[str, Node] | None = None, others: Iterable[Node] = ()
) -> Resolved:
    """Resolve references in the recipe and in `others`. No text becomes structure; a variable may hold one."""
    order, circles = ordered(variables or {})
    resolver = _Resolver(environ, variables or {})
    resolver.findings += circles
    for name in order:
        resolver.path = ["vars", name]
        resolver.variables[name] = resolver.visit((variables or {})[name])
    resolver.path = []
    made = resolver.visit(root)
    more = [resolver.visit(other) for other in others]
    return Resolved(made, more, resolver.findings, frozenset(resolver.read))


class _Resolver:
    """Walks trees once; parts shared by aliases are resolved once."""

    def __init__(self, environ: Mapping[str, str], declared: Mapping[str, Node]) -> None:
        self._environ = environ
        self._declared = declared
        self._done: dict[int, tuple[object, Node]] = {}
        self.variables: dict[str, Node] = {}
        self.path: list[str | int] = []
        self.read: set[str] = set()
        self.findings: list[Diagnostic] = []

    def visit(self, node: Node) -> Node:
        """The node with every reference below it resolved."""
        if node.kind == "scalar":
            return self._scalar(node) if isinstance(node.value, str) and "${" in node.value else node
        shared: object = node.items if node.kind == "list" else node.entries
        done = self._done.get(id(shared))
        if done is None:
            made = self._list(node) if node.kind == "list" else self._map(node)
            done = self._done[id(shared)] = shared, made
        made = done[1]
        if made.items is node.items and made.entries is node.entries:
            return node
        return Node(node.kind, node.span, items=made.items, entries=made.entries, used=node.used, came=node.came)

    def _list(self, node: Node) -> Node:
        items = [self._below(index, child) for index, child in enumerate(node.items)]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else Node("list", node.span, items=items)

    def _map(self, node: Node) -> Node:
        for key, entry in node.entries.items():
            if "${" in key and _TOKEN.search(key):
                message, label = "a key cannot hold a reference", "write the key itself"
                where = (*self.path, key)
                self.findings.append(Diagnostic(code="R020", span=entry.key, message=message, label=label, path=where))
        entries = {key: Entry(entry.key, self._below(key, entry.node)) for key, entry in node.entries.items()}
        same = all(entry.node is node.entries[key].node for key, entry in entries.items())
        return node if same else Node("map", node.span, entries=entries)

    def _below(self, part: str | int, child: Node) -> Node:
        self.path.append(part)
        made = self.visit(child)
        self.path.pop()
        return made

    def _scalar(self, node: Node) -> Node:
        text = node.value
        whole = _TOKEN.fullmatch(text)
        if whole is not None and whole[2]:
            if secret := _SECRET.match(whole[1]):
                return self._with(node, self._secret(node, secret[1], secret[2]))
            if (name := VAR.match(whole[1])) and name[1] in self.variables:
                step = Related(f"from the variable '{name[1]}' used here", node.span, f"var {name[1]}")
                return self.variables[name[1]].via(step, *node.way)
        text_of = _Text(self, node)
        value = _TOKEN.sub(text_of.part, text)
        if len(value) > _MAX_TEXT:
            text_of.problem("R028", f"this expands to more than {_MAX_TEXT} characters")
            value = ""
        self.findings.extend(text_of.problems[:1])
        alone = whole is not None and whole[2] and node.plain and not text_of.problems
        reading = read_plain(value) if alone else None
        made = self._with(node, value if reading is None or reading.quote else reading.value, text_of.public())
        return made.via(*text_of.steps)

    def _with(self, node: Node, value: object, public: str | None = None) -> Node:
        return Node(
            "scalar", node.span, value, node.raw, node.plain, used=node.used, came=node.came, public=public
        )  # fmt: skip

    def _secret(self, node: Node, backend: str, name: str) -> Secret:
        if backend not in BACKENDS:
            label = f"one of: {', '.join(BACKENDS)}"
            self.findings.append(self.finding(node, "R024", f"unknown secret backend '{backend}'", label))
        elif not BACKENDS[backend].match(name):
            message = f"this is not a name for the secret backend '{backend}'"
            self.findings.append(self.finding(node, "R020", message))
        return Secret(f"{backend}/{name}")

    def finding(self, node: Node, code: str, message: str, label: str = "") -> Diagnostic:
        """A finding at a scalar of the tree."""
        where = tuple(self.path)
        return Diagnostic(code=code, span=node.span, message=message, label=label, path=where, related=node.way)

    def variable(self, name: str) -> Node | None:
        """A variable's resolved value; None when there is none or it is part of a circle."""
        return self.variables.get(name)

    def declared(self) -> Mapping[str, Node]:
        """Every variable there is."""
        return self._declared

    def environment(self, name: str) -> str | None:
        """A variable of the environment."""
        if name in self._environ:
            self.read.add(name)
        return self._environ.get(name)


class _Text:
    """The parts of one scalar that holds references within text."""

    def __init__(self, resolver: _Resolver, node: Node) -> None:
        self._resolver = resolver
        self._node = node
        self._variables: dict[str, str] = {}
        self._secretive = False
        self.steps: list[Related] = []
        self.problems: list[Diagnostic] = []

    def public(self) -> str | None:
        """The text with variables, but with ${env:NAME} as written; None when the environment is no part of it."""
        if not self._secretive:
            return None
        return _TOKEN.sub(lambda match: self._variables.get(match[0], match[0]), self._node.value)

    def part(self, match: re.Match[str]) -> str:
        """The text one reference stands for."""
        if match[0] == "$${":
            return "${"
        closed = bool(match[2])
        if closed and (name := _ENV.match(match[1])):
            value, self._secretive = self._resolver.environment(name[1]), True
            if value is None:
                self.problem("R021", f"the environment variable {name[1]} is not set")
            return value or ""
        if closed and (name := VAR.match(match[1])):
            return self._variable(name[1], match[0])
        message, label = "this ${…} reference is malformed", "${env:NAME}, ${var:NAME} or ${secret:backend/name}"
        if closed and _SECRET.match(match[1]):
            message, label = "a secret reference must be the whole value", ""
        elif re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", match[1]):
            declared = match[1] in self._resolver.declared()
            label = f"write ${{{'var' if declared else 'env'}:{match[1]}}}"
        elif (name := _SCHEME.match(match[1])) and name[1] in self._resolver.declared():
            label = f"write ${{var:{name[1]}}}"
        self.problem("R020", message, label)
        return ""

    def problem(self, code: str, message: str, label: str = "") -> None:
        """Note what is wrong; the first problem of a scalar is shown."""
        self.problems.append(self._resolver.finding(self._node, code, message, label))

    def _variable(self, name: str, token: str) -> str:
        found = self._resolver.variable(name)
        if found is None:
            declared = self._resolver.declared()
            if name not in declared:  # else it is in a circle that is reported already
                self.problem("R025", f"there is no variable '{name}'", suggest(name, declared))
            return ""
        self.steps.append(Related(f"the variable '{name}' is written here", found.span, f"var {name}"))
        if isinstance(found.value, Secret):
            self.problem("R020", "a secret reference must be the whole value")
        elif found.kind != "scalar" or found.value is None:
            self.problem("R027", f"the variable '{name}' is {_KINDS[found.kind]}: it cannot be part of a text")
        else:
            text = found.value if isinstance(found.value, str) else found.raw
            self._secretive = self._secretive or found.public is not None
            self._variables[token] = text.replace("${", "$${") if found.public is None else found.public
            return text
        return ""


_KINDS = {"list": "a list", "map": "a mapping", "scalar": "empty"}

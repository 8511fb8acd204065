"""How large a tree is once everything shared is written out."""

from __future__ import annotations

from typing import NamedTuple

from hoploop.recipe.nodes import Node, children

MAX_DEPTH, MAX_NODES, MAX_VIRTUAL = 64, 200_000, 200_000
MAX_MADE = 50_000
"""Entries that merging may make: `<<` in one file, includes, templates and defaults in one recipe."""


class Size(NamedTuple):
    """Nodes and levels."""

    nodes: int
    depth: int


def measure(root: Node) -> Size:
    """Size of a tree whose parts may be shared; takes no more steps than there are parts, and no recursion."""
    known: dict[int, Size] = {}
    kept: list[object] = []
    stack = [root]
    while stack:
        node = stack[-1]
        key = _key(node)
        if node.kind == "scalar" or key in known:
            stack.pop()
            continue
        below = [child for _, child in children(node)]
        missing = [child for child in below if child.kind != "scalar" and _key(child) not in known]
        if missing:
            stack += missing
            continue
        sizes = [_LEAF if child.kind == "scalar" else known[_key(child)] for child in below]
        nodes = 1 + sum(size.nodes for size in sizes)
        known[key] = Size(nodes, 1 + max((size.depth for size in sizes), default=0))
        kept.append(node)
        stack.pop()
    return _LEAF if root.kind == "scalar" else known[_key(root)]


_LEAF = Size(1, 1)


def _key(node: Node) -> int:
    return id(node.items) if node.kind == "list" else id(node.entries)

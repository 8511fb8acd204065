"""Where something is being typed: the way to the key or value at the cursor, in a text that need not be whole."""

from __future__ import annotations

import re
from typing import NamedTuple

from hoploop.editor.text import Text
from hoploop.editor.tree import open_brackets, readable
from hoploop.recipe.nodes import Node, children
from hoploop.recipe.spans import Path

_MARK = "zz_cursor_zz"
_START = re.compile(r"""(?:^\s*(?:-\s+)*|[:\-]\s+|[,\[{]\s*)(?P<word>["']?[^"'#\[\]{},:]*)$""")
_LINE_START = re.compile(r"\s*(?:-\s+)*\Z")
_TOP = re.compile(r"""(?:([A-Za-z_][A-Za-z0-9_]*|"[^"\n]*"|'[^'\n]*')\s*:(?=\s|$)|---|\.\.\.)""")
_REST = re.compile(r"[A-Za-z0-9_./%-]*")


class Cursor(NamedTuple):
    """`path` is that of the mapping a key is typed in, or of the value. Offsets bound what a completion replaces."""

    tree: Node
    path: Path
    on_key: bool
    start: int
    end: int
    colon: bool
    """Whether a colon follows already."""
    bracket: bool
    """Whether it is within [ ] or { }."""


def cursor_at(text: Text, offset: int, file: str) -> Cursor | None:
    """The place that is typed at; None where no key and no value can stand."""
    line, _ = text.place(offset)
    start_of_line = text.start(line - 1)
    before = text.text[start_of_line:offset]
    match = _START.search(before)
    if match is None or "#" in re.sub(r"\"[^\"]*\"|'[^']*'", "", before):
        return None
    start = start_of_line + match.start("word")
    end = offset + len(_rest(text, offset, match["word"]))
    rest = text.line(line - 1)[end - start_of_line :]
    colon = rest.lstrip().startswith(":")
    on_line = _LINE_START.match(text.text[start_of_line:start]) is not None
    for mark in (f"{_MARK}:", _MARK) if on_line and not colon else (_MARK,):
        marked = text.text[:start] + mark + text.text[end:]
        part = _part(marked, line)
        found = _marked(*part, file) or _marked(marked, line, file)
        if found is not None:
            tree, path, on_key = found
            around = "\n".join(part[0].split("\n")[: part[1] - 1]) + "\n" + text.text[start_of_line:start]
            return Cursor(tree, path, on_key, start, end, colon, bool(open_brackets(around)))
    return None


def _part(text: str, line: int) -> tuple[str, int]:
    """The section around a line, and which of its lines that is; of a key at the top, the keys beside it.

    So a large recipe takes no longer than one of its sections, and what breaks another section does not matter.
    """
    lines = text.split("\n")
    here = lines[line - 1]
    if here.startswith(_MARK):
        keys = [f"{match[1]}:" for other in lines if other != here and (match := _TOP.match(other)) and match[1]]
        return "\n".join([*dict.fromkeys(keys), here if ":" in here else f"{here}:"]), len(set(keys)) + 1
    first = next((at for at in range(line - 1, -1, -1) if _TOP.match(lines[at])), 0)
    last = next((at for at in range(line, len(lines)) if _TOP.match(lines[at])), len(lines))
    return "\n".join(lines[first:last]), line - first


def _rest(text: Text, offset: int, word: str) -> str:
    """What follows the cursor of the same word; all of it within quotes."""
    line, _ = text.place(offset)
    after = text.line(line - 1)[offset - text.start(line - 1) :]
    if word.startswith(('"', "'")):
        closing = after.find(word[0])
        return after if closing < 0 else after[: closing + 1]
    match = _REST.match(after)
    return match[0] if match else ""


def _marked(text: str, line: int, file: str) -> tuple[Node, Path, bool] | None:
    tree = readable(text, file, keep=line)
    found = None if tree is None else _search(tree)
    if tree is None or found is None:
        return None
    path, on_key = found
    return tree, path, on_key


def _search(tree: Node) -> tuple[Path, bool] | None:
    stack: list[tuple[Path, Node]] = [((), tree)]
    while stack:
        path, node = stack.pop()
        if _MARK in node.entries:
            return path, True
        if node.kind == "scalar" and isinstance(node.value, str) and node.value == _MARK:
            return path, False
        if node.used is None:
            stack += [((*path, part), child) for part, child in children(node)]
    return None

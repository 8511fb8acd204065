"""House rules that a reader would otherwise have to check by eye."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from sources import ROOT, Module, modules

FLOAT_ROOMS = ("hoploop.console",)
"""Where numbers are drawn, not decided."""
TASK_MAKER = "hoploop.runtime.supervisor"
LOCAL = "hoploop.local"
_MONEY = {
    "price", "amount", "profit", "fee", "balance", "notional", "reserve", "wei", "lamports", "tip", "net", "gross",
    "loss", "cost",
}  # fmt: skip


def _where(module: Module, node: ast.AST) -> str:
    return f"{module.shown}:{getattr(node, 'lineno', 0)}"


def _deciding() -> list[Module]:
    return [module for module in modules() if not module.name.startswith(FLOAT_ROOMS)]


def _names(node: ast.AST) -> str:
    target = getattr(node, "target", None) or next(iter(getattr(node, "targets", [])), None)
    return (getattr(target, "id", "") or getattr(target, "attr", "") or getattr(node, "arg", "")).lower()


def test_nothing_named_like_money_is_a_float() -> None:
    found = []
    for module in _deciding():
        for node in ast.walk(module.tree):
            if not isinstance(node, (ast.AnnAssign, ast.Assign, ast.arg)):
                continue
            name, note = _names(node), getattr(node, "annotation", None)
            value = getattr(node, "value", None)
            floating = (note is not None and "float" in ast.unparse(note)) or (
                isinstance(value, ast.Constant) and isinstance(value.value, float)
            )
            if floating and any(word in name.split("_") for word in _MONEY):
                found.append(f"{_where(module, node)} {name}")
    assert found == []


def test_model_recipe_engine_hot_and_ledger_have_no_floats_at_all() -> None:
    rooms = tuple(f"hoploop.{room}" for room in ("model", "recipe", "engine", "hot", "ledger"))
    found = []
    for module in modules():
        if module.name.startswith(rooms):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Name) and node.id == "float":
                    found.append(f"{_where(module, node)} float")
                elif isinstance(node, ast.Constant) and isinstance(node.value, float):
                    found.append(f"{_where(module, node)} {node.value}")
                elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node):
                    found.append(f"{_where(module, node)} /")
    assert found == []


def _is_path(node: ast.BinOp) -> bool:
    """`folder / "name"` is a path, not a division."""
    sides = (node.left, node.right)
    return any(isinstance(side, (ast.JoinedStr, ast.Constant)) and not _number(side) for side in sides) or any(
        isinstance(side, ast.BinOp) and isinstance(side.op, ast.Div) and _is_path(side) for side in sides
    )


def _number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


def test_one_place_makes_tasks() -> None:
    makers = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("create_task", "ensure_future"):
                owner = ast.unparse(node.func).split(".")[0]
                if owner in ("asyncio", "create_task", "ensure_future", "loop"):
                    makers.add(module.name)
    assert {name for name in makers if not name.startswith(LOCAL)} <= {TASK_MAKER}


def _cleans_up_only(handler: ast.ExceptHandler) -> bool:
    """The handler ends by raising what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_only_the_supervisor_swallows_everything() -> None:
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and not _cleans_up_only(node):
                caught = "" if node.type is None else ast.unparse(node.type)
                if node.type is None or re.search(r"\b(BaseException|Exception)\b", caught):
                    found.append(module.name)
    assert set(found) <= {TASK_MAKER}
    assert len(found) <= 3


def test_nothing_is_left_unfinished() -> None:
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|\bbreakpoint\(")
    found = [
        f"{module.shown}:{number}"
        for module in modules()
        for number, line in enumerate(module.text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_file_names_a_machine() -> None:
    pattern = re.compile("/" + r"(work|root|home)/[a-z]")
    suffixes = {".py", ".md", ".yaml", ".toml", ".json", ".rs", ".sol", ".c", ".sql", ".tcss", ".sh"}
    skip = {".venv", ".git", "target", "node_modules", "__pycache__", "dist", "build"}
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skip]
        for path in (Path(folder) / name for name in names):
            if path.suffix in suffixes and pattern.search(path.read_text("utf-8", errors="replace")):
                found.append(path.relative_to(ROOT).as_posix())
    assert found == []


def test_importing_a_module_prints_and_starts_nothing() -> None:
    """No call statements at module level but declarations: import has no side effects."""
    allowed = re.compile(r"main\(\)|warnings\.")
    found = [
        _where(module, node)
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if not allowed.match(ast.unparse(node.value))
    ]
    assert found == []

"""Small rooms: caps on modules, classes and functions."""

from __future__ import annotations

import ast

from sources import modules

MODULE, CLASS, FUNCTION, PACKAGE = 400, 200, 50, 60


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_longer_than_the_cap() -> None:
    long = [f"{module.shown}: {n}" for module in modules() if (n := module.text.count("\n")) > MODULE]
    assert long == []


def test_package_inits_stay_short() -> None:
    inits = [module for module in modules() if module.path.name == "__init__.py"]
    assert [f"{module.shown}: {n}" for module in inits if (n := module.text.count("\n")) > PACKAGE] == []


def test_no_class_is_longer_than_the_cap() -> None:
    long = [
        f"{module.shown}:{node.lineno} {node.name}: {_length(node)}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and _length(node) > CLASS
    ]
    assert long == []


def test_no_function_is_longer_than_the_cap() -> None:
    long = [
        f"{module.shown}:{node.lineno} {node.name}: {_length(node)}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _length(node) > FUNCTION
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [module.shown for module in modules() if not ast.get_docstring(module.tree)]
    assert silent == []

"""References are resolved scalar by scalar; a value never becomes structure."""

from __future__ import annotations

import pytest

from hoploop.recipe.document import read_document
from hoploop.recipe.nodes import Secret, data
from hoploop.recipe.resolve import resolve
from hoploop.recipe.source import source_of

ENVIRON = {"NAME": "weth", "NUMBER": "7", "INJECT": "1\nrisk: {daily_loss: {}}", "HEX": "0x10", "REF": "${env:NAME}"}


def _resolved(text: str) -> tuple[object, list[str]]:
    root, findings = read_document(source_of(text.encode(), "f"))
    assert root is not None
    assert findings == []
    found = resolve(root, ENVIRON)
    return data(found.root), [problem.code for problem in found.findings]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${env:NAME}", "weth"),
        ("${env:NUMBER}", 7),
        ('"${env:NUMBER}"', "7"),
        ("a-${env:NAME}-b", "a-weth-b"),
        ("$${env:NAME}", "${env:NAME}"),
        ("${env:INJECT}", "1\nrisk: {daily_loss: {}}"),
        ("${env:HEX}", "0x10"),
        ("${env:REF}", "${env:NAME}"),
        ("${secret:env/KEY}", Secret("env/KEY")),
        ("$NAME", "$NAME"),
    ],
)
def test_a_reference_is_replaced_in_its_scalar(written: str, value: object) -> None:
    assert _resolved(f"x: {written}\n") == ({"x": value}, [])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("${env:MISSING}", "R021"),
        ("${NAME}", "R020"),
        ("${env:NAME", "R020"),
        ("${}", "R020"),
        ('"https://x/${secret:env/KEY}"', "R020"),
        ("${secret:vault/KEY}", "R024"),
        ("${secret:env/no-name}", "R020"),
    ],
)
def test_a_broken_reference_is_reported(written: str, code: str) -> None:
    assert _resolved(f"x: {written}\n")[1] == [code]


def test_every_broken_reference_is_reported() -> None:
    assert _resolved("x: ${env:A}\ny: ['${env:B}', '${env:NAME}']\n")[1] == ["R021", "R021"]


def test_a_shared_mapping_is_resolved_once() -> None:
    assert _resolved("a: &a {x: '${env:A}'}\nb: *a\n")[1] == ["R021"]

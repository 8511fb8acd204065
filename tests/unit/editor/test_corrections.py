"""Corrections an editor offers do what the finding says, one at a time or all at once."""

from __future__ import annotations

from editor_kit import TOP, Desk
from lsprotocol import types as lsp
from toy_connectors import GOOD

from hoploop.editor.problems import actions, layout
from hoploop.editor.text import Text


def offered(desk: Desk, recipe: str) -> dict[str, lsp.CodeAction]:
    """Every correction in a recipe, by title."""
    desk.project.put(TOP, recipe)
    desk.project.check(TOP)
    text = Text(recipe)
    found = actions(desk.project.findings(TOP), text, text.range(0, len(recipe)), TOP, TOP, ())
    return {action.title: action for action in found}


def taken(recipe: str, action: lsp.CodeAction) -> str:
    """The recipe after a correction."""
    assert action.edit is not None
    assert action.edit.changes is not None
    return applied(recipe, list(action.edit.changes[TOP]))


def applied(recipe: str, edits: list[lsp.TextEdit]) -> str:
    text = Text(recipe)
    for edit in sorted(edits, key=lambda one: text.at(one.range.start), reverse=True):
        start, end = text.at(edit.range.start), text.at(edit.range.end)
        recipe = recipe[:start] + edit.new_text + recipe[end:]
    return recipe


def test_an_unquoted_address_is_quoted() -> None:
    start = GOOD.index('"0x')
    address = GOOD[start + 1 : GOOD.index('"', start + 1)]
    wrong = GOOD.replace(f'"{address}"', address, 1)
    found = offered(Desk(), wrong)
    assert taken(wrong, found[f'Write "{address}"']) == GOOD


def test_text_in_quotes_is_offered_as_the_number_it_should_be() -> None:
    wrong = GOOD.replace("chain_id: ${env:TOY_CHAIN_ID}", 'chain_id: "31337"').replace(
        "decimals: 18", 'decimals: "18"', 1
    )
    assert taken(wrong, offered(Desk(), wrong)["Write 18"]).count("decimals: 18") == GOOD.count("decimals: 18")


def test_everything_in_a_file_is_corrected_at_once() -> None:
    wrong = GOOD.replace("base: weth", "base: wet").replace("lenders: [bank]", "lenders: [bnak]")
    found = offered(Desk(), wrong)
    assert taken(wrong, found["Correct everything in this file"]) == GOOD


def test_only_corrections_of_the_place_that_is_asked_for_are_offered() -> None:
    wrong = GOOD.replace("base: weth", "base: wet")
    desk = Desk()
    offered(desk, wrong)
    text = Text(wrong)
    assert actions(desk.project.findings(TOP), text, text.range(0, 3), TOP, TOP, ()) == []


def test_a_layout_changes_only_the_lines_that_differ() -> None:
    before = "a: 1\nb:   2\n\n\nc: 3\n"
    (edit,) = layout(Text(before), "a: 1\nb: 2\n\nc: 3\n")
    assert edit.range.start.line == 1
    assert applied(before, [edit]) == "a: 1\nb: 2\n\nc: 3\n"
    assert layout(Text(before), before) == []

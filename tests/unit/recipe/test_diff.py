"""The difference of two recipes names what changed, how an engine takes it, and what raises risk."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_connectors import toy_registry

from hoploop.recipe.diff import Change, diff, hardest, patched, plain
from hoploop.recipe.document import read_document
from hoploop.recipe.nodes import data
from hoploop.recipe.resolve import resolve
from hoploop.recipe.schema import compose
from hoploop.recipe.source import source_of

TEXT = (Path(__file__).parents[2] / "recipes" / "good" / "limits.yaml").read_text("utf-8")


SCHEMAS = compose(toy_registry())


def changes(old: str, new: str) -> list[Change]:
    assert old in TEXT
    before, after = (plain(_loaded(text)) for text in (TEXT, TEXT.replace(old, new, 1)))
    found = diff(before, after, SCHEMAS)
    made = patched(before, found)
    assert diff(made, after, SCHEMAS) == (), "the changes made lead to the same recipe"
    assert diff(before, made, SCHEMAS) == found
    return list(found)


def _loaded(text: str) -> object:
    root, findings = read_document(source_of(text.encode(), "limits.yaml"))
    assert root is not None
    resolved = resolve(root, {})
    assert findings + resolved.findings == []
    return data(resolved.root)


def only(old: str, new: str) -> Change:
    (change,) = changes(old, new)
    return change


def test_equal_recipes_have_no_difference() -> None:
    assert changes("recipe: limits", "recipe: limits # the same") == []
    assert hardest([]) is None


def test_a_changed_value_is_named_by_the_ids_on_its_way() -> None:
    change = only('max_notional: "50 WETH"', 'max_notional: "60 WETH"')
    assert str(change) == '~ strategies.cycles.size.max_notional "50 WETH" → "60 WETH"  live  ▲ raises risk'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('max_notional: "50 WETH"', 'max_notional: "50.000000000000000001 WETH"'),
        ('min: "0.0005 WETH"', 'min: "0.0004 WETH"'),
        ("ratio: 1bps", "ratio: 0.005%"),
        (", ratio: 1bps", ""),
        ("    rate: 30/m\n", "    rate: 1/s\n"),
        ("    rate: 30/m\n", ""),
        ("    max_age: 200ms\n", ""),
        ("after: 5", "after: 6"),
        ("    suppress: {after: 5, retry: 30s}\n", ""),
        ("own_capital: false", "own_capital: true"),
        ("    own_capital: false\n", ""),
        ('bank: "20 WETH"', 'bank: "20.5 WETH"'),
        ('  floors: {weth: "0.1 WETH"}', "  floors: {}"),
        ('  daily_loss: {weth: "1 WETH"}', '  daily_loss: {weth: "2 WETH"}'),
        ("count: 10", "count: 11"),
        ("    - {id: lost_track, on: unknown, count: 1, within: 1d, action: trip}\n", ""),
        ("pools: [left]\n    inter", "pools: [left, right]\n    inter"),
        ("{id: idle, enabled: false,", "{id: idle, enabled: false, unlock: 1s,"),
        ("  - {id: off, enabled: false,", "  - {id: off, enabled: true,"),
        ("fee: 30bps", "fee: 29bps"),
        ("pools: [left]\n    inter", "pools: []\n    inter"),
        ("intermediates: [usdc]", "intermediates: []"),
        (", exclude: [left]", ""),
        ("exclude_tags: [[evm, green]]", "exclude_tags: [[evm, green, old]]"),
        ("action: trip", "action: pause"),
        ("on: unknown", "on: lost"),
        ("decimals: 6", "decimals: 5"),
        ("tags: [blue, evm]", "tags: [blue]"),
    ],
)
def test_what_lets_more_happen_raises_risk(old: str, new: str) -> None:
    assert any(change.raises_risk for change in changes(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('max_notional: "50 WETH"', 'max_notional: "49 WETH"'),
        ('max_notional: "50 WETH"', 'max_notional: "50.0 WETH"'),
        ('min: "0.0005 WETH"', 'min: "0.0006 WETH"'),
        ("    rate: 30/m\n", "    rate: 29/m\n"),
        ("  rate: 120/m\n", "  rate: 1/s\n"),
        ('  floors: {weth: "0.1 WETH"}', '  floors: {weth: "0.2 WETH"}'),
        ("    - {id: idle,", "    - {id: more, on: lost, count: 1, within: 1s}\n    - {id: idle,"),
        ("universes: [blue, pairs, among, off]", "universes: [blue]"),
        (", exclude: [left]", ", exclude: [left, right]"),
        ("connector: toy_pairs\n", "connector: toy_pairs\n    enabled: false\n"),
    ],
)
def test_what_lets_less_happen_does_not(old: str, new: str) -> None:
    assert not any(change.raises_risk for change in changes(old, new))


def test_a_new_item_is_one_change_and_a_removed_one_too() -> None:
    text = '  - {id: third, connector: toy_public, chain: eth}\n  - {id: public,'
    added = only("  - {id: public,", text)
    assert (added.path, added.before, added.raises_risk) == ("routes.third", None, True)
    removed = only("  - {id: off, enabled: false, chain: eth, pools: [left]}\n", "")
    assert (removed.path, removed.after, removed.raises_risk) == ("universes.off", None, False)


def test_lists_that_were_not_there_are_made() -> None:
    rest = TEXT[TEXT.index("  breakers:") :]
    assert len(changes(rest, "")) == 3
    before, after = plain(_loaded(TEXT.replace(rest, ""))), plain(_loaded(TEXT))
    assert diff(patched(before, diff(before, after, SCHEMAS)), after, SCHEMAS) == ()


def test_sections_that_were_not_there_differ_in_what_is_written_only() -> None:
    rest = TEXT[TEXT.index("risk:") :]
    before, after = plain(_loaded(TEXT)), plain(_loaded(TEXT.replace(rest, "")))
    for change in (*diff(before, after, SCHEMAS), *diff(after, before, SCHEMAS)):
        assert "null" not in (change.before, change.after), str(change)


def test_another_connector_is_another_item() -> None:
    change = only("{id: public, connector: toy_public, chain: eth}", "{id: public, connector: toy_far, chain: eth}")
    assert change.path == "routes.public"
    assert change.raises_risk


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ("max_age: 200ms", "max_age: 100ms", "live"),
        ("fee: 30bps", "fee: 31bps", "component"),
        ("mode: paper", "mode: dry", "engine"),
        ("seed: 7", "seed: 8", "engine"),
        ("chain_id: 31337\n", "chain_id: 31337\n    enabled: false\n", "engine"),
    ],
)
def test_a_change_says_how_a_running_engine_takes_it(old: str, new: str, how: str) -> None:
    assert hardest(changes(old, new)) == how


def test_a_secret_is_shown_as_the_reference_it_is() -> None:
    change = only("${secret:embedded/relay_identity}", "${secret:env/RELAY}")
    assert (change.before, change.after) == ('"${secret:embedded/relay_identity}"', '"${secret:env/RELAY}"')

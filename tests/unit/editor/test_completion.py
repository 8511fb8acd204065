"""What is offered where something is typed, in whole recipes and in broken ones."""

from __future__ import annotations

import pytest
from editor_kit import HERE, Desk
from toy_connectors import GOOD


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def put(old: str, new: str) -> str:
    """The good recipe with the first `old` replaced."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_choices_of_a_value_are_offered(desk: Desk) -> None:
    assert list(desk.items(f"mode: {HERE}\n" + GOOD.replace("mode:", "was:"))) == ["dry", "live", "paper"]


def test_keys_that_are_there_are_not_offered_again(desk: Desk) -> None:
    items = desk.items(f"{GOOD}\n{HERE}\n")
    assert {"universes", "templates", "include"} <= set(items)
    assert not {"recipe", "chains", "risk"} & set(items)


def test_keys_of_an_item_are_those_of_its_connector(desk: Desk) -> None:
    relay = desk.items(put("url: embedded, key", f"{HERE}, key"))
    assert {"url", "tip", "enabled"} <= set(relay)
    assert "fee" not in relay


def test_a_key_that_is_needed_comes_first(desk: Desk) -> None:
    items = desk.items(put("    routes: {order: [private, public]}\n", f"    {HERE}\n"))
    assert min(items.values(), key=lambda item: item.sort_text or "").label == "routes"


def test_what_is_not_supported_yet_is_not_offered(desk: Desk) -> None:
    items = desk.items(f"{GOOD}\n{HERE}\n")
    assert not {"wallets", "alerts", "metrics"} & set(items)
    assert set(desk.items(put("order: [private, public]", f"order: [private, public], policy: {HERE}"))) == {
        "first", "rotate",
    }  # fmt: skip


def test_ids_are_those_of_the_section_that_is_meant(desk: Desk) -> None:
    assert set(desk.items(put("lenders: [bank]", f"lenders: [{HERE}]"))) == {"bank"}
    assert set(desk.items(put("order: [private, public]", f"order: [pri{HERE}]"))) == {"public", "private"}


def test_ids_in_a_bracket_that_is_still_open_are_offered(desk: Desk) -> None:
    desk.items(f"{GOOD}{HERE}")
    assert "bank" in desk.items(put("lenders: [bank]", f"lenders: [b{HERE}"))


def test_ids_on_lines_of_their_own_are_offered(desk: Desk) -> None:
    assert set(desk.items(put("lenders: [bank]", f"lenders:\n      - {HERE}"))) == {"bank"}


def test_pools_are_offered_with_their_venues(desk: Desk) -> None:
    items = desk.items(put("lenders: [bank]", f"lenders: [bank]\n    pools: [{HERE}]"))
    assert {"left", "right"} < set(items)
    assert any(label.startswith("left/") for label in items)


def test_keys_that_are_ids_are_offered(desk: Desk) -> None:
    assert "weth" in desk.items(put('daily_loss: {weth: "1 WETH"}', f"daily_loss: {{{HERE}}}"))


def test_an_amount_is_offered_in_its_asset(desk: Desk) -> None:
    marked = put('max_notional: "50 WETH"', f"max_notional: {HERE}")
    assert desk.after(marked, "1 WETH") == put('max_notional: "50 WETH"', 'max_notional: "1 WETH"')


def test_a_quoted_word_is_replaced_with_its_quotes(desk: Desk) -> None:
    marked = put('max_notional: "50 WETH"', f'max_notional: "50 {HERE}WETH"')
    assert desk.after(marked, "1 WETH") == put('max_notional: "50 WETH"', 'max_notional: "1 WETH"')


def test_a_key_gets_its_colon_unless_it_has_one(desk: Desk) -> None:
    assert desk.after(f"{GOOD}\nuni{HERE}\n", "universes") == f"{GOOD}\nuniverses:\n"
    assert desk.after(f"{GOOD}\nuni{HERE}: []\n", "universes") == f"{GOOD}\nuniverses: []\n"


def test_only_connectors_of_the_chains_family_are_offered(desk: Desk) -> None:
    assert set(desk.items(put("connector: toy_public", f"connector: {HERE}"))) >= {"toy_public", "toy_relay"} - {
        "toy_relay"
    }
    assert set(desk.items(put("connector: toy_evm", f"connector: {HERE}"))) == {"toy_evm", "toy_solana"}


def test_a_template_gives_an_item_its_connector(desk: Desk) -> None:
    marked = f"{GOOD}\ntemplates:\n  pairs: {{connector: toy_pairs}}\n".replace(
        "lenders:\n", f"  - use: pairs\n    {HERE}\n\nlenders:\n", 1
    )
    items = desk.items(marked)
    assert {"fee", "pools"} <= set(items)
    assert "tip" not in items


def test_templates_and_variables_are_offered_by_name(desk: Desk) -> None:
    more = "\ntemplates:\n  pairs: {connector: toy_pairs}\nvars: {swap_fee: 30bps}\n"
    assert set(desk.items(f"{GOOD}{more}".replace("lenders:\n", f"  - use: {HERE}\n\nlenders:\n", 1))) == {"pairs"}
    assert "${var:swap_fee}" in desk.items(f"{GOOD}{more}".replace("fee: 30bps", f"fee: ${{{HERE}", 1))


def test_a_secret_is_offered_as_a_reference_only(desk: Desk) -> None:
    items = desk.items(put('key: "${secret:embedded/relay_identity}"', f"key: {HERE}"))
    assert all(label.startswith("${secret:") for label in items)


def test_a_profile_offers_the_ids_it_can_change(desk: Desk) -> None:
    items = desk.items(f"{GOOD}\nprofiles:\n  dev:\n    strategies:\n      - id: {HERE}\n")
    assert set(items) == {"cycles"}


def test_files_beside_a_recipe_are_offered_for_inclusion(desk: Desk) -> None:
    assert set(desk.items(f"include: [{HERE}]\n{GOOD}")) == {"pairs.yaml"}


def test_nothing_is_offered_in_a_comment(desk: Desk) -> None:
    assert desk.items(f"{GOOD}\n# mode: {HERE}\n") == {}


def test_what_breaks_the_text_elsewhere_does_not_matter(desk: Desk) -> None:
    assert set(desk.items(put("lenders: [bank]", f"lenders: [{HERE}]") + "\nrisk: [}\n")) == {"bank"}

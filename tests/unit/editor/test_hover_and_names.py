"""What is told of a word, and where a name leads; over several files."""

from __future__ import annotations

import pytest
from editor_kit import HERE, TOP, Desk, worded
from toy_connectors import GOOD


@pytest.fixture
def desk() -> Desk:
    return Desk()


def at(word: str, into: int = 1) -> str:
    """The good recipe with the mark within the first `word`."""
    start = GOOD.index(word) + into
    return GOOD[:start] + HERE + GOOD[start:]


def test_a_field_is_told_with_type_use_and_risk(desk: Desk) -> None:
    told = desk.told(at("max_notional"))
    for said in ("amount, required", "in the base asset", "at once", "more of it raises risk"):
        assert said in told


def test_what_is_not_supported_yet_is_said(desk: Desk) -> None:
    assert "not supported yet" in desk.told(f"{GOOD}\nwal{HERE}lets: []\n")


def test_a_connector_is_told_with_its_title(desk: Desk) -> None:
    assert "(evm, " in desk.told(at("toy_pairs"))


def test_an_id_is_told_as_what_it_stands_for(desk: Desk) -> None:
    told = desk.told(at("[bank]", 2))
    assert "lender `bank`" in told
    assert "connector: `toy_lend`" in told


def test_a_variable_is_told_with_what_it_holds_unless_a_secret_takes_it(desk: Desk) -> None:
    used = GOOD.replace("fee: 30bps", f"fee: ${{var:swa{HERE}p_fee}}", 1) + "\nvars: {swap_fee: 30bps}\n"
    assert "swap_fee: 30bps" in desk.told(used)
    secret = GOOD.replace("${secret:embedded/relay_identity}", f"${{var:ke{HERE}y_of}}")
    assert "hunter2" not in desk.told(f"{secret}\nvars: {{key_of: hunter2-hunter2}}\n")


def test_the_code_of_a_finding_is_told(desk: Desk) -> None:
    assert "`R101`" in desk.told(f"{GOOD}\nris{HERE}kk: {{}}\n")


def test_a_secret_in_the_clear_is_never_told(desk: Desk) -> None:
    secret = "ab" * 32
    base = GOOD.replace("${secret:embedded/relay_identity}", f"0x{secret}")
    for start in range(base.index("private"), base.index(secret) + 70):
        assert secret not in desk.told(base[:start] + HERE + base[start:])
    assert secret not in repr(desk.project.findings(TOP))


def test_a_name_leads_to_where_it_is_given(desk: Desk) -> None:
    navigator, place = desk.navigator(at("[bank]", 2))
    (found,) = worded(navigator.definitions(TOP, place), desk)
    assert found.endswith(" bank")


def test_a_part_of_a_pools_name_leads_to_its_venue_or_to_the_pool(desk: Desk) -> None:
    pool = GOOD[GOOD.index("name: ") + 6 :].split(",")[0]
    marked = GOOD.replace("lenders: [bank]", f"pools: [le{HERE}ft/{pool}]")
    navigator, place = desk.navigator(marked)
    assert [word.split()[1] for word in worded(navigator.definitions(TOP, place), desk)] == ["left"]
    navigator, place = desk.navigator(marked.replace(HERE, "").replace(f"left/{pool}", f"left/{HERE}{pool}"))
    assert [word.split()[1] for word in worded(navigator.definitions(TOP, place), desk)] == [pool]


def test_templates_variables_and_includes_lead_to_their_places() -> None:
    desk = Desk(part="templates:\n  pairs: {connector: toy_pairs}\nvars:\n  swap_fee: 30bps\n")
    top = f"include: [part.yaml]\n{GOOD}".replace("fee: 30bps", "use: pairs\n    fee: ${var:swap_fee}", 1)
    for word, wanted in (("use: pairs", "part.yaml:2 pairs"), ("{var:swap", "part.yaml:4 swap_fee")):
        start = top.index(word) + len(word) - 2
        navigator, place = desk.navigator(top[:start] + HERE + top[start:])
        assert worded(navigator.definitions(TOP, place), desk) == [wanted]
    navigator, place = desk.navigator(top.replace("part.yaml", f"pa{HERE}rt.yaml", 1))
    assert [location.uri for location in navigator.definitions(TOP, place)] == ["file:///bots/part.yaml"]


def test_every_use_of_a_name_is_found(desk: Desk) -> None:
    navigator, place = desk.navigator(at("[bank]", 2))
    assert len(navigator.references(TOP, place, declared=True)) == 2
    assert len(navigator.references(TOP, place, declared=False)) == 1


def test_a_renamed_asset_compiles_to_the_same_recipe_under_its_new_name(desk: Desk) -> None:
    navigator, place = desk.navigator(at("id: weth", 5))
    edit = navigator.rename(TOP, place, "ether")
    assert edit is not None
    assert edit.changes is not None
    text, _ = desk.type(GOOD + HERE)
    after = text.text
    for one in sorted(edit.changes[f"file://{TOP}"], key=lambda one: text.at(one.range.start), reverse=True):
        after = after[: text.at(one.range.start)] + one.new_text + after[text.at(one.range.end) :]
    desk.project.put(TOP, after)
    desk.project.check(TOP)
    assert [one for one in desk.project.findings(TOP) if one.severity == "error"] == []
    assert "id: ether" in after


@pytest.mark.parametrize("name", ["Two Words", "usdc", ""])
def test_a_name_that_cannot_be_one_or_is_taken_renames_nothing(desk: Desk, name: str) -> None:
    navigator, place = desk.navigator(at("id: weth", 5))
    assert navigator.rename(TOP, place, name) is None


def test_the_outline_lists_sections_and_items(desk: Desk) -> None:
    navigator, _ = desk.navigator(GOOD + HERE)
    outline = {symbol.name: [child.name for child in symbol.children or ()] for symbol in navigator.symbols(TOP)}
    assert outline["routes"] == ["public", "private"]
    assert outline["strategies"] == ["cycles"]

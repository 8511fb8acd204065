"""Includes, profiles, templates, defaults and variables: who wins, what is appended, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hoploop.recipe.assemble import Assembly, assemble, gather
from hoploop.recipe.include import MAX_DEPTH, MAX_FILES, MAX_INCLUDES
from hoploop.recipe.nodes import Secret, data, locate
from hoploop.recipe.source import MAX_BYTES, source_of


def _assembled(top: str, files: Mapping[str, str | bytes] | None = None, profile: str | None = None) -> Assembly:
    def read(path: str) -> bytes:
        if path not in (files or {}):
            raise FileNotFoundError(2, "No such file or directory")
        found = (files or {})[path]
        return found if isinstance(found, bytes) else found.encode()

    found = gather(source_of(top.encode(), "bots/top.yaml"), read)
    return assemble(found, {"NAME": "weth", "NUMBER": "7"}, profile)


def _loaded(top: str, files: Mapping[str, str | bytes] | None = None, profile: str | None = None) -> Any:
    made = _assembled(top, files, profile)
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    assert made.root is not None
    return data(made.root)


def _codes(top: str, files: Mapping[str, str | bytes] | None = None, profile: str | None = None) -> list[str]:
    return [one.code for one in _assembled(top, files, profile).findings if one.severity == "error"]


def test_mappings_merge_deep_and_the_including_file_wins() -> None:
    files = {"bots/a.yaml": "risk: {rate: 1/s, daily_loss: {weth: 1, usdc: 2}}\nmode: live\n"}
    assert _loaded("include: [a.yaml]\nrisk: {daily_loss: {weth: 9}}\n", files) == {
        "risk": {"rate": "1/s", "daily_loss": {"weth": 9, "usdc": 2}},
        "mode": "live",
    }


def test_a_later_include_wins_over_an_earlier_one() -> None:
    files = {"bots/a.yaml": "mode: dry\nx: 1\n", "bots/b.yaml": "mode: live\n"}
    assert _loaded("include: [a.yaml, b.yaml]\n", files) == {"mode": "live", "x": 1}


def test_includes_are_relative_to_the_file_that_includes() -> None:
    files = {
        "lib/a.yaml": "include: [deep/b.yaml]\na: 1\n",
        "lib/deep/b.yaml": "include: [../../c.yaml]\nb: 2\n",
        "c.yaml": "c: 3\n",
    }
    assert _loaded("include: [../lib/a.yaml]\n", files) == {"a": 1, "b": 2, "c": 3}


def test_a_file_included_twice_is_read_once() -> None:
    read = []
    files = {"bots/a.yaml": b"include: [c.yaml]\n", "bots/b.yaml": b"include: [c.yaml]\n", "bots/c.yaml": b"c: 3\n"}

    def reader(path: str) -> bytes:
        read.append(path)
        return files[path]

    gather(source_of(b"include: [a.yaml, b.yaml]\n", "bots/top.yaml"), reader)
    assert read == ["bots/a.yaml", "bots/c.yaml", "bots/b.yaml"]


def test_items_merge_by_id_and_new_ones_are_appended() -> None:
    files = {"bots/a.yaml": "venues: [{id: x, connector: c, fee: 1}, {id: y, connector: c}]\n"}
    assert _loaded("include: [a.yaml]\nvenues: [{id: z, connector: d}, {id: x, fee: 2}]\n", files)["venues"] == [
        {"id": "x", "connector": "c", "fee": 2},
        {"id": "y", "connector": "c"},
        {"id": "z", "connector": "d"},
    ]


def test_inner_items_merge_by_name() -> None:
    files = {"bots/a.yaml": "venues: [{id: x, connector: c, pools: [{name: p, a: 1}, {name: q, a: 1}]}]\n"}
    top = "include: [a.yaml]\nvenues: [{id: x, pools: [{name: q, a: 2}, {name: r, a: 3}]}]\n"
    pools = [{"name": "p", "a": 1}, {"name": "q", "a": 2}, {"name": "r", "a": 3}]
    assert _loaded(top, files)["venues"][0]["pools"] == pools


@pytest.mark.parametrize("value", ["[]", "[d, a]", "text", "{k: v}", "~"])
def test_other_lists_and_scalars_replace(value: str) -> None:
    files = {"bots/a.yaml": "x: {y: [a, b, c]}\n"}
    assert _loaded(f"include: [a.yaml]\nx: {{y: {value}}}\n", files) == _loaded(f"x: {{y: {value}}}\n")


def test_an_item_with_an_unknown_id_and_no_connector_is_refused() -> None:
    files = {"bots/a.yaml": "venues: [{id: left, connector: c}]\nstrategies: [{id: one, chain: c}]\n"}
    made = _assembled("include: [a.yaml]\nvenues: [{id: lef, fee: 2}]\nstrategies: [{id: on, budget: 2}]\n", files)
    assert [(one.code, one.label) for one in made.findings] == [
        ("R034", "did you mean 'left'?"),
        ("R034", "did you mean 'one'?"),
    ]


def test_an_appended_item_may_take_its_connector_from_a_template_or_the_defaults() -> None:
    files = {"bots/a.yaml": "venues: [{id: x, connector: c}]\nstrategies: [{id: s, chain: c}]\n"}
    top = "include: [a.yaml]\ntemplates: {t: {connector: d}}\ndefaults: {strategies: {chain: e}}\n"
    loaded = _loaded(top + "venues: [{id: y, use: t}]\nstrategies: [{id: r}]\n", files)
    assert [item["connector"] for item in loaded["venues"]] == ["c", "d"]
    assert [item["chain"] for item in loaded["strategies"]] == ["c", "e"]


def test_own_keys_win_over_templates_and_those_over_defaults() -> None:
    top = """\
defaults: {venues: {a: default, b: default, c: default, d: default}}
templates:
  one: {b: one, c: one, d: one}
  two: {c: two, d: two}
venues:
  - {id: x, use: [one, two], d: own}
  - {id: y}
"""
    assert _loaded(top)["venues"] == [
        {"a": "default", "b": "one", "c": "two", "d": "own", "id": "x"},
        {"a": "default", "b": "default", "c": "default", "d": "default", "id": "y"},
    ]


def test_templates_merge_deep_into_items() -> None:
    top = "templates: {t: {size: {max: 1, min: 2}}}\nstrategies: [{id: s, use: t, size: {max: 3}}]\n"
    assert _loaded(top)["strategies"] == [{"id": "s", "size": {"max": 3, "min": 2}}]


def test_templates_may_use_templates() -> None:
    top = "templates: {a: {use: b, x: 1}, b: {x: 2, y: 2}}\nvenues: [{id: v, use: a}]\n"
    assert _loaded(top)["venues"] == [{"id": "v", "x": 1, "y": 2}]


def test_templates_deeper_than_the_limit_are_refused() -> None:
    chain = "".join(f"  t{n}: {{use: t{n + 1}}}\n" for n in range(40))
    assert _codes(f"templates:\n{chain}  t40: {{}}\nvenues: [{{id: v, use: t0}}]\n") == ["R036"]


def test_a_whole_variable_keeps_its_type() -> None:
    top = 'vars: {n: 7, t: "7", l: [1, 2], m: {k: v}, b: true}\n'
    top += 'x: ["${var:n}", "${var:t}", "${var:l}", "${var:m}", "${var:b}"]\n'
    assert _loaded(top) == {"x": [7, "7", [1, 2], {"k": "v"}, True]}


def test_a_variable_in_text_becomes_text() -> None:
    assert _loaded('vars: {n: 7, w: WETH, d: 1.50}\nx: "${var:n} ${var:w} ${var:d}"\n') == {"x": "7 WETH 1.50"}


def test_variables_refer_to_each_other_in_any_order() -> None:
    assert _loaded('vars: {a: "${var:b}!", b: "${var:c}", c: "${env:NAME}"}\nx: ${var:a}\n') == {"x": "weth!"}


def test_a_variable_may_hold_a_secret_reference() -> None:
    assert _loaded("vars:\n  k: ${secret:env/KEY}\nx: ${var:k}\n") == {"x": Secret("env/KEY")}


def test_what_a_variable_holds_is_not_read_again() -> None:
    assert _loaded('vars: {a: "$${var:b}", b: 1}\nx: ${var:a}\n') == {"x": "${var:b}"}


def test_a_variable_of_the_including_file_reaches_into_included_ones() -> None:
    files = {"bots/a.yaml": "vars: {fee: 1}\nvenues: [{id: x, connector: c, fee: '${var:fee}'}]\n"}
    assert _loaded("include: [a.yaml]\nvars: {fee: 2}\n", files)["venues"][0]["fee"] == 2


def test_a_profile_lies_over_everything() -> None:
    top = """\
vars: {size: 1}
defaults: {strategies: {a: 1}}
templates: {t: {b: 1}}
strategies: [{id: s, chain: c, use: t, size: "${var:size}", own: 1}]
mode: paper
profiles:
  live:
    mode: live
    vars: {size: 2}
    defaults: {strategies: {a: 2}}
    templates: {t: {b: 2}}
    strategies: [{id: s, own: 2}]
"""
    assert _loaded(top)["strategies"] == [{"a": 1, "b": 1, "id": "s", "chain": "c", "size": 1, "own": 1}]
    live = _loaded(top, profile="live")
    assert live["strategies"] == [{"a": 2, "b": 2, "id": "s", "chain": "c", "size": 2, "own": 2}]
    assert live["mode"] == "live"


def test_profiles_of_several_files_merge() -> None:
    files = {"bots/a.yaml": "profiles: {p: {x: 1, y: 1}}\n"}
    assert _loaded("include: [a.yaml]\nprofiles: {p: {y: 2}}\n", files, "p") == {"x": 1, "y": 2}


def test_an_unknown_profile_is_refused_with_the_nearest() -> None:
    (finding,) = _assembled("profiles: {live: {}}\n", profile="liv").findings
    assert (finding.code, finding.label) == ("R038", "did you mean 'live'?")


def test_one_profile_does_not_change_the_next() -> None:
    found = gather(source_of(b"vars: {a: 1}\nx: ${var:a}\nprofiles: {p: {vars: {a: 2}}}\n", "t.yaml"), lambda _: b"")
    seen = [data(made.root) for name in (None, "p", None) if (made := assemble(found, {}, name)).root is not None]
    assert seen == [{"x": 1}, {"x": 2}, {"x": 1}]


def test_every_step_of_a_value_is_told() -> None:
    files = {"bots/a.yaml": "templates: {t: {size: {max: '${var:n}'}}}\nvars: {n: 7}\n"}
    made = _assembled("include: [a.yaml]\nstrategies: [{id: s, use: t}]\n", files)
    assert made.root is not None
    place = locate(made.root, ("strategies", 0, "size", "max"))
    assert str(place.span) == "bots/a.yaml:2:11"
    assert [(step.by, str(step.span)) for step in place.related] == [
        ("include", "bots/top.yaml:1:11"),
        ("template t", "bots/top.yaml:2:27"),
        ("include", "bots/top.yaml:1:11"),
        ("var n", "bots/a.yaml:1:29"),
    ]


@pytest.mark.parametrize("path", ["/etc/a.yaml", "a.json", "a", "..", "a.yaml/", "C:\\\\a.yaml", "${env:NAME}.yaml"])
def test_an_include_that_may_not_be_is_refused(path: str) -> None:
    assert _codes(f'include: ["{path}"]\n', {path: ""}) == ["R030"]


def test_too_deep_includes_are_refused() -> None:
    files = {f"bots/{n}.yaml": f"include: [{n + 1}.yaml]\n" for n in range(40)}
    made = _assembled("include: [0.yaml]\n", files)
    assert [(one.code, one.span.file) for one in made.findings] == [("R033", f"bots/{MAX_DEPTH - 1}.yaml")]


def test_too_many_files_are_refused() -> None:
    files = {f"bots/{n}.yaml": "x: 1\n" for n in range(MAX_FILES)}
    names = ", ".join(f"{n}.yaml" for n in range(MAX_FILES))
    assert _codes(f"include: [{names}]\n", files) == ["R033"]


def test_too_many_includes_are_refused() -> None:
    names = ", ".join(["a.yaml"] * (MAX_INCLUDES + 1))
    assert _codes(f"include: [{names}]\n", {"bots/a.yaml": "x: 1\n"}) == ["R033"]


def test_files_that_are_too_large_together_are_refused() -> None:
    large = b"#" * (MAX_BYTES // 2) + b"\nx: 1\n"
    assert _codes("include: [a.yaml, b.yaml]\n", {"bots/a.yaml": large, "bots/b.yaml": large}) == ["R033"]


def test_a_bomb_of_variables_is_refused() -> None:
    lines = "".join(f"  v{n}: [" + ", ".join([f'"${{var:v{n + 1}}}"'] * 9) + "]\n" for n in range(9))
    assert _codes(f"vars:\n{lines}  v9: [1]\nx: ${{var:v0}}\n") == ["R004"]


def test_variables_that_nest_too_deep_are_refused() -> None:
    lines = "".join(f'  v{n}: {{k: "${{var:v{n + 1}}}"}}\n' for n in range(3000))
    assert _codes(f"vars:\n{lines}  v3000: 1\nx: ${{var:v0}}\n") == ["R004"]


def test_many_items_of_a_large_template_are_refused() -> None:
    keys = ", ".join(f"k{n}: {n}" for n in range(2000))
    items = "".join(f"  - {{id: i{n}, use: t}}\n" for n in range(400))
    assert _codes(f"templates:\n  t: {{{keys}}}\nvenues:\n{items}") == ["R004"]

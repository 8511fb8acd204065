"""Adding a curve, a decoder or a venue touches the files that `docs/hot/adding.md` names, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "hot/core/src"
REFERENCE = ROOT / "framework/hoploop/hot/reference"
GUIDE = (ROOT / "docs/hot/adding.md").read_text()
DECODERS = (ROOT / "docs/connectors/decoders.md").read_text()


def rooms(folder: str, mark: str) -> list[str]:
    """Files and folders of `hot/core/src/<folder>` that hold one thing each, told by what all of them have."""
    places = [path for path in (CORE / folder).iterdir() if path.name != "mod.rs"]
    texts = {path.stem: (path / "mod.rs" if path.is_dir() else path).read_text() for path in places}
    return sorted(name for name, text in texts.items() if re.search(mark, text))


CURVES = [name for name in rooms("curves", r"pub fn (quote|stable)\(") if name != "evm"]
LAYOUTS = [name for name in rooms("decoders", r"pub\(super\) fn \w*event\(") if name != "evm"]
VENUES = rooms("venues", r"impl Venue for")


def mentions(name: str) -> set[str]:
    """Files outside a room that name it, tests left aside."""
    pattern, found = re.compile(rf"\b{name}\b(::|;|\")"), set()
    for path in CORE.rglob("*.rs"):
        shown = path.relative_to(CORE)
        own = path.name == "tests.rs" or name in (shown.stem, *shown.parts)
        if not own and pattern.search(path.read_text().split("#[cfg(test)]")[0]):
            found.add(str(shown))
    return found


def test_the_rooms_are_found() -> None:
    assert {"constant_product", "concentrated", "solidly", "stableswap", "balancer_weighted"} <= set(CURVES)
    assert {"uniswap_v2", "uniswap_v3", "curve", "balancer", "concentrated_forks"} <= set(LAYOUTS)
    assert {"raydium_clmm", "whirlpool", "phoenix", "meteora_damm_v1"} <= set(VENUES)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_is_named_by_curves_and_decoders_only(curve: str) -> None:
    # Pools of ticks are a kind of state of their own: history and sizing walk their ticks, whatever fork they are of.
    of_ticks = {"history.rs", "sizing/optimum.rs"} if curve == "concentrated" else set()
    elsewhere = {place for place in mentions(curve) - of_ticks if not place.startswith(("curves/", "decoders/"))}
    assert elsewhere == set()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_decoder_is_named_by_decoders_only(layout: str) -> None:
    pattern = rf"decoders::(\{{[^}}]*)?\b{layout}\b"
    places = [path for path in CORE.rglob("*.rs") if re.search(pattern, path.read_text().split("#[cfg(test)]")[0])]
    assert [place for place in places if place.parent != CORE / "decoders"] == []


@pytest.mark.parametrize("venue", VENUES)
def test_a_venue_is_named_by_the_list_of_venues_only(venue: str) -> None:
    assert mentions(venue) == {"venues/mod.rs"}
    listed = [line for line in (CORE / "venues/mod.rs").read_text().splitlines() if re.search(rf"\b{venue}\b", line)]
    assert len(listed) == 2


@pytest.mark.parametrize("venue", VENUES)
def test_a_venue_has_its_twin_its_page_and_its_parity_test(venue: str) -> None:
    assert (REFERENCE / f"{venue}.py").exists()
    assert re.search(rf"\b{venue}\b", (REFERENCE / "venues.py").read_text())
    assert (ROOT / f"docs/venues/{venue}.md").exists()
    assert (ROOT / f"tests/parity/test_{venue}_parity.py").exists()


def test_every_curve_and_decoder_a_recipe_may_name_is_documented() -> None:
    sources = [CORE / name for name in ("curves/mod.rs", "curves/evm.rs", "decoders/mod.rs", "decoders/evm.rs")]
    names = {name for path in sources for name in re.findall(r'^ +"(\w+)" (?:\| "\w+" )?=>', path.read_text(), re.M)}
    assert len(names) > 15
    assert sorted(name for name in names if f"`{name}`" not in DECODERS) == []


def test_the_guide_names_files_that_exist() -> None:
    named = set(re.findall(r"`((?:hot|framework|tests|docs)/[\w/.]+\.\w+)`", GUIDE))
    assert len(named) > 8
    assert sorted(name for name in named if not (ROOT / name).exists()) == []

"""The state tables hold together, and `advance` knows no other way."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop.model.states import (
    ATTEMPT,
    COMPONENT,
    GATE,
    AttemptState,
    ComponentState,
    GateState,
    IllegalMove,
    advance,
)

TABLES: list[tuple[Mapping[Any, frozenset[Any]], Enum]] = [
    (COMPONENT, ComponentState.CREATED),
    (ATTEMPT, AttemptState.FOUND),
    (GATE, GateState.DRY),
]
tables = st.sampled_from(TABLES)


@pytest.mark.parametrize(("table", "start"), TABLES)
def test_every_state_is_in_its_table_and_reachable(table: Mapping[Any, frozenset[Any]], start: Enum) -> None:
    reached, frontier = {start}, [start]
    while frontier:
        for to in table[frontier.pop()] - reached:
            reached.add(to)
            frontier.append(to)
    assert reached == set(table) == set(type(start))


@pytest.mark.parametrize(("table", "start"), TABLES)
def test_from_every_state_an_end_can_be_reached(table: Mapping[Any, frozenset[Any]], start: Enum) -> None:
    ends = {state for state, following in table.items() if not following}
    before = len(ends) - 1
    while len(ends) > before:
        before = len(ends)
        ends |= {state for state, following in table.items() if following & ends}
    assert ends == set(table)


@given(tables, st.data())
def test_advance_allows_exactly_what_the_table_has(table: tuple[Any, Enum], data: st.DataObject) -> None:
    moves, start = table
    now = data.draw(st.sampled_from(list(type(start))))
    to = data.draw(st.sampled_from(list(type(start))))
    if to in moves[now]:
        assert advance(moves, now, to) is to
    else:
        with pytest.raises(IllegalMove):
            advance(moves, now, to)


@given(tables, st.lists(st.integers(0, 100), max_size=30))
def test_a_random_walk_never_leaves_the_table_and_stops_only_at_an_end(
    table: tuple[Any, Enum], turns: list[int]
) -> None:
    moves, state = table
    for turn in turns:
        choices = sorted(moves[state], key=lambda one: str(one.value))
        if not choices:
            assert state in (
                ComponentState.STOPPED, AttemptState.REFUSED, AttemptState.LANDED, AttemptState.REVERTED,
                AttemptState.LOST, GateState.TRIPPED,
            )  # fmt: skip
            return
        state = advance(moves, state, choices[turn % len(choices)])
    assert state in moves


def test_a_tripped_gate_stays_tripped() -> None:
    assert GATE[GateState.TRIPPED] == frozenset()

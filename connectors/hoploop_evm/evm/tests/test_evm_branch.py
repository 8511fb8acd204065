"""Where a chain left the blocks we knew: told at once, once, and never with a block too few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop_evm.evm.branch import REMEMBERED, Branch, BranchLost


def followed(*numbers: int) -> Branch:
    """A branch that saw these headers."""
    branch = Branch()
    for number in numbers:
        assert branch.header(number, f"{number}", f"{number - 1}") is None
    return branch


def test_a_log_may_come_before_its_header() -> None:
    branch = followed(7)
    assert branch.log(8, "8") is None
    assert branch.header(8, "8", "7") is None
    assert branch.log(8, "8") is None


def test_the_log_of_another_block_says_so_and_its_header_does_not_repeat_it() -> None:
    branch = followed(7, 8)
    assert branch.log(8, "8b") == 7
    assert branch.header(8, "8b", "7") is None


def test_a_removed_log_counts_unless_its_block_was_replaced_already() -> None:
    branch = followed(7, 8)
    assert branch.header(8, "8b", "7") == 7
    assert branch.removed(8, "8") is None
    assert branch.removed(8, "8b") == 7
    assert branch.header(8, "8", "7") is None


def test_a_log_of_the_next_block_may_come_before_the_header_of_this_one() -> None:
    branch = followed(7)
    assert branch.log(9, "9") is None
    assert branch.header(8, "8", "7") is None
    assert branch.header(9, "9", "8") is None


def test_logs_that_came_before_the_header_that_takes_them_back_are_a_loss() -> None:
    branch = followed(7, 8, 9)
    assert branch.log(9, "9b") == 8
    with pytest.raises(BranchLost, match="before their header"):
        branch.header(8, "8b", "7")


def test_logs_that_do_not_name_their_block_are_a_loss_when_it_is_replaced() -> None:
    branch = followed(7, 8)
    assert branch.log(8, None) is None
    with pytest.raises(BranchLost, match="before their header"):
        branch.header(8, "8b", "7")


def test_a_log_of_a_block_long_past_is_a_loss() -> None:
    branch = followed(*range(7, 9 + REMEMBERED))
    with pytest.raises(BranchLost, match="long past"):
        branch.log(7, "7")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6)), max_size=8))
def test_taking_back_follows_every_chain_of_headers(turns: list[tuple[int, int]]) -> None:
    """A chain that goes back some blocks and on with others, again and again."""
    branch, chain, names = followed(99, 100), ["99", "100"], iter(range(1000))
    for back, on in turns:
        back = min(back, len(chain) - 1)
        chain = chain[: len(chain) - back]
        for step in range(on):
            number, name = 99 + len(chain), f"new {next(names)}"
            answer = branch.header(number, name, chain[-1])
            assert answer == (number - 1 if back and not step else None)
            chain.append(name)

//! What a pool holds, for tests and the console.

use hoploop_hot::curves::concentrated::Ticks;
use hoploop_hot::curves::evm::EvmState;
use hoploop_hot::curves::State;
use hoploop_hot::pool::{Pool, Status};
use hoploop_hot::U256;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::number;

/// Order, standing, and the numbers of the state.
pub(crate) fn describe<'py>(py: Python<'py>, held: &Pool) -> PyResult<Bound<'py, PyDict>> {
    let answer = PyDict::new(py);
    answer.set_item("seq", held.seq())?;
    answer.set_item("version", held.version())?;
    answer.set_item("fresh", held.status() == Status::Fresh)?;
    let refused = match held.status() {
        Status::Refused(refusal) => refusal.code(),
        _ => "",
    };
    answer.set_item("settled", held.status() != Status::Unsettled)?;
    answer.set_item("refused", refused)?;
    match held.held() {
        Some(State::Reserves(reserves)) => {
            answer.set_item("reserve0", reserves.r0)?;
            answer.set_item("reserve1", reserves.r1)?;
        }
        Some(State::Ticks(ticks)) => describe_ticks(py, &answer, ticks)?,
        Some(State::Evm(held)) => describe_evm(py, &answer, held)?,
        Some(State::Venue(_)) | None => {}
    }
    if let Some(book) = held.book() {
        answer.set_item("venue", book.venue())?;
    }
    Ok(answer)
}

fn describe_ticks(py: Python<'_>, answer: &Bound<'_, PyDict>, ticks: &Ticks) -> PyResult<()> {
    answer.set_item("sqrt_price_x96", number(py, ticks.sqrt_price)?)?;
    answer.set_item("tick", ticks.tick)?;
    answer.set_item("liquidity", ticks.liquidity)?;
    answer.set_item("ticks", ticks.marks().len())
}

fn describe_evm(py: Python<'_>, answer: &Bound<'_, PyDict>, state: &EvmState) -> PyResult<()> {
    let balances = |held: &[U256]| -> PyResult<()> {
        for (at, balance) in held.iter().enumerate() {
            answer.set_item(format!("balance{at}"), number(py, *balance)?)?;
        }
        Ok(())
    };
    match state {
        EvmState::Pair(pair) => {
            answer.set_item("reserve0", pair.reserves.r0)?;
            answer.set_item("reserve1", pair.reserves.r1)?;
            answer.set_item("fee0", pair.fees[0])?;
            answer.set_item("fee1", pair.fees[1])
        }
        EvmState::StableSwap(pool) => balances(&pool.coins.balances[..pool.coins.count]),
        EvmState::BalancerStable(pool) => balances(&pool.coins.balances[..pool.coins.count]),
        EvmState::Weighted(pool) => balances(&pool.balances),
        EvmState::Ticks(pool) => {
            answer.set_item("fee0", pool.fees[0])?;
            answer.set_item("fee1", pool.fees[1])?;
            describe_ticks(py, answer, &pool.ticks)
        }
    }
}

//! Many quotes in one call: from a list, or from buffers of numbers without an object for each.

use std::cell::Cell;

use hoploop_hot::pool::Pool;
use hoploop_hot::Market;
use pyo3::buffer::{Element, PyBuffer, ReadOnlyCell};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyInt, PyList};

use crate::convert::{amount, answer, handle, hot};
use crate::HotError;

const NAME: &str = "amounts_in";

/// The quote of each amount of an iterable, `None` where the pool refuses.
pub fn listed<'py>(pool: &Pool, zero_for_one: bool, amounts: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let py = amounts.py();
    let quote = |given: Bound<'py, PyAny>| {
        let given = amount(given.cast::<PyInt>()?, NAME)?;
        answer(py, pool.quote(zero_for_one, given).ok())
    };
    let quotes: PyResult<Vec<_>> = match amounts.cast::<PyList>() {
        Ok(list) => list.iter().map(quote).collect(),
        Err(_) => amounts.try_iter()?.map(|given| quote(given?)).collect(),
    };
    PyList::new(py, quotes?)
}

/// Quotes of 64-bit amounts into a buffer of the same length; where one is refused or does not fit, 0 is put. How many
/// were answered. `pools` is one handle for all, or a buffer of a handle each.
pub fn into(
    market: &Market,
    pools: &Bound<'_, PyAny>,
    zero_for_one: bool,
    amounts: &Bound<'_, PyAny>,
    out: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let py = amounts.py();
    let length = amounts.len()?;
    if out.len()? != length {
        return Err(HotError::new_err("amounts_in and amounts_out differ in length"));
    }
    if !pools.is_instance_of::<PyInt>() && pools.len()? != length {
        return Err(HotError::new_err("pools and amounts_in differ in length"));
    }
    // An empty array points nowhere, which is no buffer of numbers.
    if length == 0 {
        return Ok(0);
    }
    let (given, taken) = (row::<u64>(amounts, NAME)?, row::<u64>(out, "amounts_out")?);
    let given = given.as_slice(py).unwrap_or_default();
    let taken = taken.as_mut_slice(py).ok_or_else(|| HotError::new_err("amounts_out is read-only"))?;
    let mut answered = 0;
    let mut put = |pool: &Pool, given: &ReadOnlyCell<u64>, taken: &Cell<u64>| {
        let quote = pool.quote(zero_for_one, given.get().into()).ok().and_then(|quote| u64::try_from(quote).ok());
        taken.set(quote.unwrap_or(0));
        answered += usize::from(quote.is_some());
    };
    if let Ok(one) = pools.cast::<PyInt>() {
        let pool = market.pool(handle(one)?).map_err(hot)?;
        given.iter().zip(taken).for_each(|(given, taken)| put(pool, given, taken));
        return Ok(answered);
    }
    let pools = row::<u32>(pools, "pools")?;
    for ((given, taken), pool) in given.iter().zip(taken).zip(pools.as_slice(py).unwrap_or_default()) {
        put(market.pool(pool.get()).map_err(hot)?, given, taken);
    }
    Ok(answered)
}

/// A buffer of one number after another.
fn row<T: Element>(buffer: &Bound<'_, PyAny>, name: &str) -> PyResult<PyBuffer<T>> {
    let found = PyBuffer::<T>::get(buffer)?;
    if found.dimensions() == 1 && found.is_c_contiguous() {
        return Ok(found);
    }
    Err(HotError::new_err(format!("{name} is no row of numbers")))
}

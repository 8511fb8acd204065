//! Python integers to the widths of the core, and errors back.

use hoploop_hot::error::WiringError;
use hoploop_hot::U256;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyInt};

use crate::ints::{self, whole, Whole};
use crate::HotError;

/// A wiring error as `HotError`.
pub fn hot(error: WiringError) -> PyErr {
    HotError::new_err(error.0)
}

/// An integer that must fit; `HotError` names it otherwise.
pub fn exact<'py, T>(value: &Bound<'py, PyInt>, name: &str) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py>,
    for<'a> <T as FromPyObject<'a, 'py>>::Error: Into<PyErr>,
{
    value.extract::<T>().map_err(|error| misfit(value.py(), error.into(), name))
}

/// A non-negative amount; more than `u128` counts as `u128::MAX`, since nothing here trades that much.
pub fn amount(value: &Bound<'_, PyInt>, name: &str) -> PyResult<u128> {
    match whole(value)? {
        Whole::Fits(amount) => Ok(amount),
        Whole::Larger => Ok(u128::MAX),
        Whole::Negative => Err(HotError::new_err(format!("{name} must not be negative"))),
    }
}

/// A pool's handle, which no number over 32 bits is.
pub fn handle(value: &Bound<'_, PyInt>) -> PyResult<u32> {
    match whole(value)? {
        Whole::Fits(handle) => u32::try_from(handle).map_err(|_| ()),
        Whole::Negative | Whole::Larger => Err(()),
    }
    .map_err(|()| HotError::new_err("pool is negative or too large"))
}

/// The integer of an answer; `None` when there is none.
pub fn answer(py: Python<'_>, value: Option<u128>) -> PyResult<Option<Bound<'_, PyInt>>> {
    value.map(|value| ints::number(py, value)).transpose()
}

/// A non-negative amount of at most 256 bits.
pub fn word(value: &Bound<'_, PyInt>, name: &str) -> PyResult<U256> {
    if let Whole::Fits(small) = whole(value)? {
        return Ok(U256::from(small));
    }
    let bytes = value.call_method1("to_bytes", (32, "big")).map_err(|error| misfit(value.py(), error, name))?;
    Ok(U256::from_be_slice(bytes.cast::<PyBytes>()?.as_bytes()))
}

/// The integer of a word.
pub fn number<'py>(py: Python<'py>, value: U256) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(small) = u128::try_from(value) {
        return Ok(ints::number(py, small)?.into_any());
    }
    let bytes = PyBytes::new(py, &value.to_be_bytes::<32>());
    py.get_type::<PyInt>().call_method1("from_bytes", (bytes, "big"))
}

fn misfit(py: Python<'_>, error: PyErr, name: &str) -> PyErr {
    if error.is_instance_of::<PyOverflowError>(py) {
        return HotError::new_err(format!("{name} is negative or too large"));
    }
    error
}

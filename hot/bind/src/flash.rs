//! `FlashLoan`: a lender's reserve read from accounts, for `hoploop verify`, parity tests and tools.

use std::collections::HashMap;

use hoploop_hot::venues::flash_fees::FlashLoan as Core;
use hoploop_hot::Refusal;
use pyo3::prelude::*;

use crate::convert::hot;
use crate::venue::{accounts_of, Held, Key};

/// The state of one reserve, read once.
#[pyclass(module = "hoploop.hot._native", frozen)]
pub struct FlashLoan {
    state: Core,
}

#[pymethods]
impl FlashLoan {
    /// Keys of all lenders.
    #[staticmethod]
    fn keys() -> Vec<&'static str> {
        Core::KEYS.to_vec()
    }

    /// Read; a string is the reason why the reserve is refused.
    #[staticmethod]
    fn read(
        py: Python<'_>,
        key: &str,
        roles: HashMap<String, Key>,
        held: Held,
        clock: (u64, i64, u64),
    ) -> PyResult<Py<PyAny>> {
        let (accounts, clock) = accounts_of(&roles, &held, [vec![], vec![]], clock);
        match Core::read(key, &accounts, &clock).map_err(hot)? {
            Ok(state) => Ok(Py::new(py, Self { state })?.into_any()),
            Err(refusal) => reason(py, refusal),
        }
    }

    /// `(fee, host_fee)` of borrowing this much, or the reason why the lender would refuse.
    fn price(&self, py: Python<'_>, amount: u64) -> PyResult<Py<PyAny>> {
        match self.state.price(amount) {
            Ok(price) => Ok((price.fee, price.host_fee).into_pyobject(py)?.into_any().unbind()),
            Err(refusal) => reason(py, refusal),
        }
    }

    /// What leaves the borrower when it names `argument` to repay `amount`, or the reason why the lender would refuse.
    fn repay(&self, py: Python<'_>, amount: u64, argument: u64) -> PyResult<Py<PyAny>> {
        match self.state.repay(amount, argument) {
            Ok(paid) => Ok(paid.into_pyobject(py)?.into_any().unbind()),
            Err(refusal) => reason(py, refusal),
        }
    }
}

fn reason(py: Python<'_>, refusal: Refusal) -> PyResult<Py<PyAny>> {
    Ok(refusal.code().into_pyobject(py)?.into_any().unbind())
}

//! `VenueState`: a venue read from accounts, for `hoploop verify`, parity tests and tools.

use std::collections::HashMap;

use hoploop_hot::venues::{Account, Accounts, AnyVenue, Ask, Clock, Given};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyInt};

use crate::convert::hot;
use crate::ints::{whole, Whole};
use crate::HotError;

pub(crate) type Key = [u8; 32];
pub(crate) type Held = HashMap<Key, (Key, Vec<u8>)>;

/// Highest number of an instruction's variant.
const MOST_VARIANT: u8 = 15;

/// The state of one pool, read once.
#[pyclass(module = "hoploop.hot._native", frozen)]
pub struct VenueState {
    state: AnyVenue,
}

#[pymethods]
impl VenueState {
    /// Keys of all venues.
    #[staticmethod]
    fn keys() -> Vec<&'static str> {
        AnyVenue::KEYS.to_vec()
    }

    /// Read; a string is the reason why the pool is refused.
    #[staticmethod]
    fn read(
        py: Python<'_>,
        key: &str,
        roles: HashMap<String, Key>,
        held: Held,
        routes: (Vec<Key>, Vec<Key>),
        clock: (u64, i64, u64),
    ) -> PyResult<Py<PyAny>> {
        let (accounts, clock) = accounts_of(&roles, &held, [routes.0, routes.1], clock);
        match AnyVenue::read(key, &accounts, &clock).map_err(hot)? {
            Ok(state) => Ok(Py::new(py, Self { state })?.into_any()),
            Err(refusal) => Ok(refusal.code().into_pyobject(py)?.into_any().unbind()),
        }
    }

    /// `(amount_in, amount_out)` as the program would move them, or the reason why it would refuse.
    fn quote<'py>(
        &self,
        py: Python<'py>,
        zero_for_one: bool,
        exact_in: bool,
        amount: Bound<'py, PyInt>,
        price_limit: Bound<'py, PyInt>,
        variant: Bound<'py, PyInt>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let variant = u8::try_from(fits(&variant, "variant")?).ok().filter(|variant| *variant <= MOST_VARIANT);
        let ask = Ask {
            zero_for_one,
            given: if exact_in { Given::Input } else { Given::Output },
            amount: u64::try_from(fits(&amount, "amount")?)
                .map_err(|_| PyOverflowError::new_err("amount is too large"))?,
            price_limit: fits(&price_limit, "price_limit")?,
            variant: variant.ok_or_else(|| HotError::new_err("unknown variant"))?,
        };
        match self.state.quote(&ask) {
            Ok(fill) => Ok((fill.amount_in, fill.amount_out).into_pyobject(py)?.into_any()),
            Err(refusal) => Ok(refusal.code().into_pyobject(py)?.into_any()),
        }
    }
}

/// A number of 128 bits.
fn fits(value: &Bound<'_, PyInt>, name: &str) -> PyResult<u128> {
    match whole(value)? {
        Whole::Fits(number) => Ok(number),
        Whole::Negative | Whole::Larger => Err(PyOverflowError::new_err(format!("{name} is negative or too large"))),
    }
}

/// Python's shapes as the core takes them.
pub(crate) fn accounts_of<'a>(
    roles: &'a HashMap<String, Key>,
    held: &'a Held,
    routes: [Vec<Key>; 2],
    (slot, unix_timestamp, epoch): (u64, i64, u64),
) -> (Accounts<'a>, Clock) {
    let held = held.iter().map(|(key, (owner, data))| (*key, Account { key: *key, owner: *owner, data }));
    let roles = roles.iter().map(|(role, key)| (role.as_str(), *key)).collect();
    (Accounts::new(roles, held.collect(), routes), Clock { slot, unix_timestamp, epoch })
}

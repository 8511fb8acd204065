//! `VenueState`: a venue read from accounts, for `hoploop verify`, parity tests and tools.

use std::collections::HashMap;

use hoploop_hot::venues::{Account, Accounts, AnyVenue, Ask, Clock, Given};
use pyo3::prelude::*;

use crate::convert::hot;
use crate::HotError;

pub(crate) type Key = [u8; 32];
pub(crate) type Held = HashMap<Key, (Key, Vec<u8>)>;

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
    fn quote(
        &self,
        py: Python<'_>,
        zero_for_one: bool,
        exact_in: bool,
        amount: u64,
        price_limit: u128,
        variant: u8,
    ) -> PyResult<Py<PyAny>> {
        if variant > 15 {
            return Err(HotError::new_err("unknown variant"));
        }
        let given = if exact_in { Given::Input } else { Given::Output };
        match self.state.quote(&Ask { zero_for_one, given, amount, price_limit, variant }) {
            Ok(fill) => Ok((fill.amount_in, fill.amount_out).into_pyobject(py)?.into_any().unbind()),
            Err(refusal) => Ok(refusal.code().into_pyobject(py)?.into_any().unbind()),
        }
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

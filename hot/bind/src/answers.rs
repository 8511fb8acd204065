//! What crosses back to Python: candidates and batches, read-only.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyTuple};

use hoploop_hot::market::BatchResult;
use hoploop_hot::suppression::{Suppressed, Until};

use crate::ints::number;

/// A sized and priced cycle. Integers are exact, in base units.
#[pyclass(frozen, module = "hoploop.hot._native")]
pub struct Candidate {
    inner: hoploop_hot::Candidate,
    market: u64,
}

impl Candidate {
    /// The core's.
    pub(crate) const fn core(&self) -> &hoploop_hot::Candidate {
        &self.inner
    }

    /// The market that found it.
    pub(crate) const fn market(&self) -> u64 {
        self.market
    }
}

#[pymethods]
impl Candidate {
    #[getter]
    fn search(&self) -> u32 {
        self.inner.search
    }

    #[getter]
    fn legs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let leg = |leg: &hoploop_hot::Leg| {
            let amounts = (number(py, leg.amount_in)?, number(py, leg.amount_out)?);
            Ok((leg.pool, leg.zero_for_one, amounts.0, amounts.1))
        };
        PyTuple::new(py, self.inner.legs.iter().map(leg).collect::<PyResult<Vec<_>>>()?)
    }

    #[getter]
    fn amount_in<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
        number(py, self.inner.amount_in)
    }

    #[getter]
    fn gross<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
        gain(py, self.inner.gross)
    }

    #[getter]
    fn lender(&self) -> i64 {
        self.inner.lender.map_or(-1, i64::from)
    }

    #[getter]
    fn flash_fee<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
        number(py, self.inner.flash_fee)
    }

    #[getter]
    fn units(&self) -> u64 {
        self.inner.units
    }

    #[getter]
    fn network_fee<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
        number(py, self.inner.network_fee)
    }

    #[getter]
    fn tip<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
        number(py, self.inner.tip)
    }

    #[getter]
    fn net<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
        gain(py, self.inner.net)
    }

    #[getter]
    fn seq(&self) -> u64 {
        self.inner.seq
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __hash__(&self) -> u64 {
        self.inner.seq
    }

    fn __repr__(&self) -> String {
        let pools: Vec<String> = self.inner.legs.iter().map(|leg| leg.pool.to_string()).collect();
        let (amount, net) = (self.inner.amount_in, self.inner.net);
        format!("<Candidate pools {} amount_in={amount} net={net}>", pools.join(">"))
    }
}

fn gain(py: Python<'_>, value: i128) -> PyResult<Bound<'_, PyInt>> {
    u128::try_from(value).map_or_else(|_| Ok(value.into_pyobject(py)?), |value| number(py, value))
}

/// What one `on_batch` did.
#[pyclass(frozen, get_all, module = "hoploop.hot._native")]
pub struct Batch {
    /// Best net first.
    candidates: Py<PyList>,
    /// Updates that changed a state or are kept for the next load.
    applied: usize,
    /// Updates nobody watches or not newer than what is held.
    ignored: usize,
    /// `(index in the batch, reason)`.
    refused: Py<PyList>,
    /// Reason -> number of cycles.
    dropped: Py<PyDict>,
}

impl Batch {
    /// Convert the core's answer; `market` is the number of the market that gave it.
    pub fn new(py: Python<'_>, result: BatchResult, market: u64) -> PyResult<Self> {
        let candidates = PyList::empty(py);
        for inner in result.candidates {
            candidates.append(Bound::new(py, Candidate { inner, market })?)?;
        }
        let refused = result.refused.iter().map(|(index, refusal)| (*index, refusal.code()));
        let dropped = PyDict::new(py);
        for (reason, count) in result.dropped.occurred() {
            dropped.set_item(reason, count)?;
        }
        Ok(Self {
            candidates: candidates.unbind(),
            applied: result.applied,
            ignored: result.ignored,
            refused: PyList::new(py, refused.collect::<Vec<_>>())?.unbind(),
            dropped: dropped.unbind(),
        })
    }
}

/// Search, legs, batches left, end in the caller's time.
pub(crate) type LeftOut = (u32, Vec<(u32, bool)>, Option<u64>, Option<u64>);

/// A path that is left out, as a tuple.
pub(crate) fn left_out(path: &Suppressed) -> LeftOut {
    let legs = path.cycle.edges().iter().map(|edge| (edge.pool(), edge.zero_for_one())).collect();
    match path.until {
        Until::Batches(left) => (path.search, legs, Some(left), None),
        Until::Time(end) => (path.search, legs, None, Some(end)),
    }
}

//! The `Ingest` class: raw frames in, batches of the market out.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyInt, PyList};

use hoploop_hot::ingest::{Ingest as Core, Kind};
use hoploop_hot::Update;

use crate::answers::Batch;
use crate::convert::{exact, hot};
use crate::market::Market;

/// Decodes a node's text frames and keeps what the market has not seen.
#[pyclass(frozen, module = "hoploop.hot._native")]
pub struct Ingest {
    core: Arc<Core>,
    keys: Vec<Py<PyBytes>>,
}

type Doors<'py> = Vec<Bound<'py, PyBytes>>;

/// Batch, when the oldest frame was read, and the doors of its updates.
type Drained<'py> = (Batch, u64, Bound<'py, PyList>);

impl Ingest {
    /// The core, for the thread that fills it.
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

#[pymethods]
impl Ingest {
    #[new]
    #[pyo3(signature = (whole, every, capacity, owned = Vec::new()))]
    fn new(whole: Doors<'_>, every: Doors<'_>, capacity: Bound<'_, PyInt>, owned: Doors<'_>) -> PyResult<Self> {
        let all = [(&whole, Kind::Whole), (&every, Kind::Every), (&owned, Kind::Owned)];
        let all: Vec<_> = all.into_iter().flat_map(|(doors, kind)| doors.iter().map(move |key| (key, kind))).collect();
        let doors: Vec<(&[u8], Kind)> = all.iter().map(|(key, kind)| (key.as_bytes(), *kind)).collect();
        let capacity = exact(&capacity, "capacity")?;
        let core = Arc::new(Core::new(&doors, capacity).map_err(hot)?);
        Ok(Self { core, keys: all.into_iter().map(|(key, _)| key.clone().unbind()).collect() })
    }

    fn subscribe(&self, subscription: Bound<'_, PyInt>, door: &[u8]) -> PyResult<()> {
        self.core.subscribe(exact(&subscription, "subscription")?, door).map_err(hot)
    }

    fn expect(&self, request: Bound<'_, PyInt>, door: &[u8]) -> PyResult<()> {
        self.core.expect(exact(&request, "request")?, door).map_err(hot)
    }

    fn reset(&self) {
        self.core.reset();
    }

    fn push_frame(&self, frame: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        let pushed = match frame.cast::<PyBytes>() {
            Ok(bytes) => self.core.push(bytes.as_bytes()),
            Err(_) => {
                let text: std::borrow::Cow<'_, str> = frame.extract()?;
                self.core.push(text.as_bytes())
            }
        };
        Ok(match pushed {
            Ok(taken) => taken.code(),
            Err(refused) => refused.code(),
        })
    }

    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.core.gaps().into_iter().map(|door| PyBytes::new(py, door)))
    }

    #[getter]
    fn lost(&self) -> u64 {
        self.core.counts().0
    }

    #[getter]
    fn replaced(&self) -> u64 {
        self.core.counts().1
    }

    #[getter]
    fn newest(&self) -> Option<(u64, Option<u64>)> {
        self.core.newest()
    }

    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        // Copied while the GIL is away, since a lock must never be waited for with it.
        let copied = py.detach(|| {
            let copy = |updates: &[Update<'_>]| -> Vec<(Vec<u8>, u64, Vec<u8>)> {
                updates.iter().map(|update| (update.key.to_vec(), update.seq, update.data.to_vec())).collect()
            };
            self.core.take(copy)
        });
        let items = copied.map_err(hot)?;
        PyList::new(py, items.iter().map(|(key, seq, data)| (PyBytes::new(py, key), *seq, PyBytes::new(py, data))))
    }

    fn drain(&self, py: Python<'_>, mut market: PyRefMut<'_, Market>) -> PyResult<Batch> {
        let number = market.number();
        let held = market.core_mut();
        let result = py.detach(|| self.core.drain(held)).map_err(hot)?;
        Batch::new(py, result, number)
    }

    #[pyo3(signature = (market, mark = None))]
    fn drain_until<'py>(
        &self,
        py: Python<'py>,
        mut market: PyRefMut<'_, Market>,
        mark: Option<Bound<'_, PyInt>>,
    ) -> PyResult<Drained<'py>> {
        let mark = mark.map_or(Ok(u64::MAX), |mark| exact(&mark, "mark"))?;
        let number = market.number();
        let held = market.core_mut();
        let drained = py.detach(|| self.core.drain_until(held, mark)).map_err(hot)?;
        let keys = drained.doors.iter().filter_map(|door| self.keys.get(*door as usize)).map(|key| key.bind(py));
        let keys = PyList::new(py, keys.collect::<Vec<_>>())?;
        Ok((Batch::new(py, drained.result, number)?, drained.at_ns, keys))
    }
}

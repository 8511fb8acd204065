//! The `Ingest` class: raw frames in, batches of the market out.

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyInt, PyList};

use hoploop_hot::ingest::Ingest as Core;
use hoploop_hot::Update;

use crate::answers::Batch;
use crate::convert::{exact, hot};
use crate::market::Market;

/// Decodes a node's text frames and keeps what the market has not seen.
#[pyclass(frozen, module = "hoploop.hot._native")]
pub struct Ingest {
    core: Core,
}

#[pymethods]
impl Ingest {
    #[new]
    #[pyo3(signature = (whole, every, capacity))]
    fn new(
        whole: Vec<Bound<'_, PyBytes>>,
        every: Vec<Bound<'_, PyBytes>>,
        capacity: Bound<'_, PyInt>,
    ) -> PyResult<Self> {
        let whole = whole.iter().map(|door| (door.as_bytes(), false));
        let doors: Vec<(&[u8], bool)> = whole.chain(every.iter().map(|door| (door.as_bytes(), true))).collect();
        let capacity = exact(&capacity, "capacity")?;
        Ok(Self { core: Core::new(&doors, capacity).map_err(hot)? })
    }

    fn subscribe(&self, subscription: Bound<'_, PyInt>, door: &[u8]) -> PyResult<()> {
        self.core.subscribe(exact(&subscription, "subscription")?, door).map_err(hot)
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
}

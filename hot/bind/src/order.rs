//! `WriteOrder`: ordering numbers for feeds that tell write versions.

use pyo3::prelude::*;
use pyo3::types::PyInt;

use crate::convert::exact;

/// Slots and write versions to ordering numbers.
#[pyclass(module = "hoploop.hot._native")]
#[derive(Default)]
pub struct WriteOrder {
    core: hoploop_hot::write_order::WriteOrder,
}

#[pymethods]
impl WriteOrder {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn seq(&mut self, slot: &Bound<'_, PyInt>, version: &Bound<'_, PyInt>) -> PyResult<Option<u64>> {
        Ok(self.core.seq(exact(slot, "slot")?, exact(version, "version")?))
    }
}

//! The `Reader` class: one connection to a node, read by a thread without Python.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyList};

use hoploop_hot_feed::{Address, Mode, Options, Reader as Core};

use crate::convert::exact;
use crate::ingest::Ingest;
use crate::HotError;

/// One connection to a node, read into an `Ingest`.
#[pyclass(frozen, module = "hoploop.hot._native")]
pub struct Reader {
    core: Mutex<Core>,
}

impl Reader {
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Reader {
    #[new]
    #[pyo3(signature = (ingest, endpoint, requests, *, busy_poll, quiet_us, timeout_ms, max_frame))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        ingest: &Ingest,
        endpoint: &str,
        requests: Vec<String>,
        busy_poll: bool,
        quiet_us: Bound<'_, PyInt>,
        timeout_ms: Bound<'_, PyInt>,
        max_frame: Bound<'_, PyInt>,
    ) -> PyResult<Self> {
        let address = Address::parse(endpoint).map_err(|why| HotError::new_err(why.code()))?;
        let options = Options {
            mode: if busy_poll { Mode::Busy } else { Mode::Caller },
            quiet: Duration::from_micros(exact(&quiet_us, "quiet_us")?),
            timeout: Duration::from_millis(exact(&timeout_ms, "timeout_ms")?),
            max_frame: exact(&max_frame, "max_frame")?,
        };
        let core = Core::start(Arc::clone(ingest.core()), address, requests, options)?;
        Ok(Self { core: Mutex::new(core) })
    }

    #[staticmethod]
    fn refuses(endpoint: &str) -> &'static str {
        Address::parse(endpoint).map_or_else(|why| why.code(), |_| "")
    }

    fn fileno(&self) -> RawFd {
        self.core().file().as_raw_fd()
    }

    fn look(&self, py: Python<'_>) -> bool {
        py.detach(|| self.core().look())
    }

    fn wait(&self, py: Python<'_>, most_ms: Bound<'_, PyInt>, spin: bool) -> PyResult<bool> {
        let most = Duration::from_millis(exact(&most_ms, "most_ms")?);
        Ok(py.detach(|| self.core().wait(most, spin)))
    }

    fn others<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let others = self.core().others();
        let told = others.iter().map(|one| (one.what, one.mark, one.at_ns, PyBytes::new(py, &one.frame)));
        PyList::new(py, told)
    }

    #[getter]
    fn ended(&self) -> &'static str {
        self.core().ended().map_or("", |end| end.code())
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.core().stop());
    }
}

//! `hoploop.hot._native`: the PyO3 face of `hoploop-hot`. It converts and forwards, nothing else.

#![deny(missing_docs, unsafe_op_in_unsafe_fn)]

mod answers;
mod convert;
mod describe;
mod flash;
mod ingest;
mod ints;
mod many;
mod market;
mod order;
mod reader;
mod templates;
mod tx;
mod venue;

use pyo3::prelude::*;

pyo3::create_exception!(hoploop.hot._native, HotError, pyo3::exceptions::PyValueError, "Wrong use at wiring time.");

/// Version of the native module.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Pool state lives here; raw bytes go in, ranked winners come out.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("HotError", module.py().get_type::<HotError>())?;
    module.add_class::<market::Market>()?;
    module.add_class::<order::WriteOrder>()?;
    module.add_class::<tx::EvmSigner>()?;
    module.add_class::<tx::EvmTemplate>()?;
    module.add_class::<templates::EvmTemplates>()?;
    module.add_class::<tx::SolanaSigner>()?;
    module.add_class::<tx::SolanaTemplate>()?;
    module.add_class::<templates::SolanaTemplates>()?;
    module.add_class::<venue::VenueState>()?;
    module.add_class::<flash::FlashLoan>()?;
    module.add_class::<answers::Batch>()?;
    module.add_class::<ingest::Ingest>()?;
    module.add_class::<reader::Reader>()?;
    module.add_class::<answers::Candidate>()?;
    module.add_function(wrap_pyfunction!(version, module)?)
}

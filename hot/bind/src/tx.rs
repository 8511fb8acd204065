//! Keys and transaction templates for Python: bytes in, bytes out, signed with the GIL released.

use hoploop_hot::tx::{EvmKey, Slot, SolanaKey, TxError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::HotError;

type Parts<'py> = Vec<Bound<'py, PyBytes>>;
type Signed<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

pub(crate) fn refused(error: TxError) -> PyErr {
    HotError::new_err(error.text())
}

fn slots(of: Vec<(usize, usize, usize)>) -> Vec<Slot> {
    of.into_iter().map(|(item, at, len)| Slot { item, at, len }).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An Ed25519 key in memory that is locked and wiped.
#[pyclass(module = "hoploop.hot._native", frozen)]
pub struct SolanaSigner {
    key: SolanaKey,
}

impl SolanaSigner {
    pub(crate) const fn key(&self) -> &SolanaKey {
        &self.key
    }
}

#[pymethods]
impl SolanaSigner {
    #[new]
    fn new(secret: &[u8]) -> PyResult<Self> {
        Ok(Self { key: SolanaKey::new(secret).map_err(refused)? })
    }

    #[getter]
    fn public<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.key.public())
    }

    #[getter]
    fn locked(&self) -> bool {
        self.key.is_locked()
    }

    fn __repr__(&self) -> String {
        format!("SolanaSigner({})", hex(self.key.public()))
    }

    /// `(signature, wire bytes)` of a v0 message whose only signer this is.
    fn sign<'py>(&self, py: Python<'py>, message: &[u8]) -> PyResult<Signed<'py>> {
        let mut wire = Vec::with_capacity(message.len() + 65);
        let signature = py.detach(|| self.key.sign_message(message, &mut wire)).map_err(refused)?;
        Ok((PyBytes::new(py, &signature), PyBytes::new(py, &wire)))
    }
}

/// A v0 message of one shape.
#[pyclass(module = "hoploop.hot._native")]
pub struct SolanaTemplate {
    template: hoploop_hot::tx::SolanaTemplate,
}

impl SolanaTemplate {
    fn patch(&mut self, blockhash: &[u8], parts: &Parts<'_>) -> Result<(), TxError> {
        if parts.len() != self.template.slots() {
            return Err(TxError::Count);
        }
        for (slot, part) in parts.iter().enumerate() {
            self.template.set(slot, part.as_bytes())?;
        }
        self.template.set_blockhash(blockhash.try_into().map_err(|_| TxError::Width)?);
        Ok(())
    }
}

#[pymethods]
impl SolanaTemplate {
    #[new]
    fn new(message: &[u8], slots: Vec<(usize, usize, usize)>) -> PyResult<Self> {
        let template = hoploop_hot::tx::SolanaTemplate::new(message, &self::slots(slots)).map_err(refused)?;
        Ok(Self { template })
    }

    /// The message with this blockhash and these values, one a slot.
    fn fill<'py>(&mut self, py: Python<'py>, fresh: &[u8], parts: Parts<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.patch(fresh, &parts).map_err(refused)?;
        Ok(PyBytes::new(py, self.template.message()))
    }

    /// `(signature, wire bytes)`, filled and signed in one call.
    fn sign<'py>(
        &mut self,
        py: Python<'py>,
        signer: &SolanaSigner,
        fresh: &[u8],
        parts: Parts<'py>,
    ) -> PyResult<Signed<'py>> {
        self.patch(fresh, &parts).map_err(refused)?;
        let wire = py.detach(|| self.template.sign(&signer.key)).map_err(refused)?;
        Ok((PyBytes::new(py, &wire[1..65]), PyBytes::new(py, wire)))
    }
}

/// A secp256k1 key in memory that is locked and wiped.
#[pyclass(module = "hoploop.hot._native", frozen)]
pub struct EvmSigner {
    key: EvmKey,
}

impl EvmSigner {
    pub(crate) const fn key(&self) -> &EvmKey {
        &self.key
    }
}

#[pymethods]
impl EvmSigner {
    #[new]
    fn new(secret: &[u8]) -> PyResult<Self> {
        Ok(Self { key: EvmKey::new(secret).map_err(refused)? })
    }

    #[getter]
    fn public<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.key.address())
    }

    #[getter]
    fn locked(&self) -> bool {
        self.key.is_locked()
    }

    fn __repr__(&self) -> String {
        format!("EvmSigner(0x{})", hex(self.key.address()))
    }

    /// `(hash, raw bytes)` of an unsigned EIP-1559 transaction.
    fn sign<'py>(&self, py: Python<'py>, unsigned: &[u8]) -> PyResult<Signed<'py>> {
        let mut raw = Vec::with_capacity(unsigned.len() + 80);
        let hash = py.detach(|| self.key.sign_transaction(unsigned, &mut raw)).map_err(refused)?;
        Ok((PyBytes::new(py, &hash), PyBytes::new(py, &raw)))
    }
}

/// An EIP-1559 transaction of one shape.
#[pyclass(module = "hoploop.hot._native")]
pub struct EvmTemplate {
    template: hoploop_hot::tx::EvmTemplate,
}

impl EvmTemplate {
    fn patch(&mut self, nonce: &[u8], parts: &Parts<'_>) -> Result<(), TxError> {
        if parts.len() != self.template.slots() {
            return Err(TxError::Count);
        }
        for (slot, part) in parts.iter().enumerate() {
            self.template.set(slot, part.as_bytes())?;
        }
        self.template.set_nonce(nonce)
    }
}

#[pymethods]
impl EvmTemplate {
    #[new]
    fn new(unsigned: &[u8], slots: Vec<(usize, usize, usize)>) -> PyResult<Self> {
        let template = hoploop_hot::tx::EvmTemplate::new(unsigned, &self::slots(slots)).map_err(refused)?;
        Ok(Self { template })
    }

    /// The unsigned transaction with this nonce and these values, one a slot.
    fn fill<'py>(&mut self, py: Python<'py>, fresh: &[u8], parts: Parts<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.patch(fresh, &parts).map_err(refused)?;
        Ok(PyBytes::new(py, self.template.unsigned()))
    }

    /// `(hash, raw bytes)`, filled and signed in one call.
    fn sign<'py>(
        &mut self,
        py: Python<'py>,
        signer: &EvmSigner,
        fresh: &[u8],
        parts: Parts<'py>,
    ) -> PyResult<Signed<'py>> {
        self.patch(fresh, &parts).map_err(refused)?;
        let (raw, hash) = py.detach(|| self.template.sign(&signer.key)).map_err(refused)?;
        Ok((PyBytes::new(py, &hash), PyBytes::new(py, raw)))
    }
}

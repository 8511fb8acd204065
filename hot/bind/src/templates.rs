//! Templates by route shape for Python: a candidate in, the signed transaction out, with the GIL released meanwhile.

use hoploop_hot::tx::{EvmTemplate, Hole, Prebuilt, Slot, SolanaTemplate, Source, Templates, Terms, TxError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyInt};

use crate::answers::Candidate;
use crate::ints::{whole, Whole};
use crate::tx::{refused, EvmSigner, SolanaSigner};

type Int<'py> = Bound<'py, PyInt>;
/// Variant, blockhash or nonce, tip, least gain, the composer's own numbers.
type Given<'py> = (u32, Bound<'py, PyBytes>, Int<'py>, Int<'py>, Vec<Int<'py>>);
/// Item, first byte, length, name of the number and which of several.
type Place = (usize, usize, usize, String, u8);
/// Note, id, wire bytes, and the message or calldata in them.
type Signed<'py> = (Py<PyAny>, Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>);
type Unsigned<'py> = (Py<PyAny>, Bound<'py, PyBytes>);

/// Pool handles are a market's own: only candidates of the market that the newest template came from have one here.
struct Family<T> {
    held: Templates<T, Py<PyAny>>,
    market: Option<u64>,
}

impl<T: Prebuilt> Family<T> {
    fn new(capacity: usize) -> Self {
        Self { held: Templates::new(capacity), market: None }
    }

    fn add(
        &mut self,
        candidate: &Candidate,
        numbers: &Numbers<'_>,
        unsigned: &[u8],
        holes: Vec<Place>,
        note: Py<PyAny>,
    ) -> PyResult<()> {
        if self.market != Some(candidate.market()) {
            // A changed recipe has a market of its own, and handles mean other pools there.
            self.held.clear();
            self.market = Some(candidate.market());
        }
        let hole = |(item, at, len, name, number): Place| {
            Ok(Hole { slot: Slot { item, at, len }, source: Source::named(&name, number)? })
        };
        let holes: Vec<Hole> = holes.into_iter().map(hole).collect::<Result<_, _>>().map_err(refused)?;
        self.held.add(candidate.core(), &numbers.terms(), unsigned, &holes, note).map_err(refused)
    }

    fn fill(&mut self, candidate: &Candidate, numbers: &Numbers<'_>) -> Result<Option<(&mut T, &Py<PyAny>)>, TxError> {
        if self.market != Some(candidate.market()) {
            return Ok(None);
        }
        self.held.fill(candidate.core(), &numbers.terms())
    }

    fn unsigned<'py>(
        &mut self,
        py: Python<'py>,
        candidate: &Candidate,
        numbers: &Numbers<'_>,
    ) -> PyResult<Option<Unsigned<'py>>> {
        let found = self.fill(candidate, numbers).map_err(refused)?;
        Ok(found.map(|(template, note)| (note.clone_ref(py), PyBytes::new(py, template.bytes()))))
    }
}

/// What Python gave, as the core takes it.
struct Numbers<'py> {
    variant: u32,
    fresh: Bound<'py, PyBytes>,
    tip: u128,
    min_gain: u128,
    given: Vec<u128>,
}

impl<'py> Numbers<'py> {
    fn new((variant, fresh, tip, min_gain, given): Given<'py>) -> PyResult<Self> {
        let given = given.iter().map(unsigned).collect::<PyResult<_>>()?;
        Ok(Self { variant, fresh, tip: unsigned(&tip)?, min_gain: unsigned(&min_gain)?, given })
    }

    fn terms(&self) -> Terms<'_> {
        let (fresh, given) = (self.fresh.as_bytes(), &self.given[..]);
        Terms { variant: self.variant, fresh, tip: self.tip, min_gain: self.min_gain, given }
    }
}

fn unsigned(value: &Int<'_>) -> PyResult<u128> {
    match whole(value)? {
        Whole::Fits(value) => Ok(value),
        Whole::Negative | Whole::Larger => Err(refused(TxError::Width)),
    }
}

/// Solana messages by route shape.
#[pyclass(module = "hoploop.hot._native")]
pub struct SolanaTemplates {
    family: Family<SolanaTemplate>,
}

#[pymethods]
impl SolanaTemplates {
    #[new]
    fn new(capacity: usize) -> Self {
        Self { family: Family::new(capacity) }
    }

    fn __len__(&self) -> usize {
        self.family.held.len()
    }

    fn clear(&mut self) {
        self.family.held.clear();
    }

    fn add(
        &mut self,
        candidate: &Candidate,
        terms: Given<'_>,
        unsigned: &[u8],
        holes: Vec<Place>,
        note: Py<PyAny>,
    ) -> PyResult<()> {
        self.family.add(candidate, &Numbers::new(terms)?, unsigned, holes, note)
    }

    fn fill<'py>(
        &mut self,
        py: Python<'py>,
        candidate: &Candidate,
        terms: Given<'py>,
    ) -> PyResult<Option<Unsigned<'py>>> {
        self.family.unsigned(py, candidate, &Numbers::new(terms)?)
    }

    /// Filled and signed in one call.
    fn sign<'py>(
        &mut self,
        py: Python<'py>,
        signer: &SolanaSigner,
        candidate: &Candidate,
        terms: Given<'py>,
    ) -> PyResult<Option<Signed<'py>>> {
        let Some((template, note)) = self.family.fill(candidate, &Numbers::new(terms)?).map_err(refused)? else {
            return Ok(None);
        };
        let wire = py.detach(|| template.sign(signer.key())).map_err(refused)?;
        let [id, raw, message] = [&wire[1..65], wire, &wire[65..]].map(|bytes| PyBytes::new(py, bytes));
        Ok(Some((note.clone_ref(py), id, raw, message)))
    }
}

/// EIP-1559 transactions by route shape.
#[pyclass(module = "hoploop.hot._native")]
pub struct EvmTemplates {
    family: Family<EvmTemplate>,
}

#[pymethods]
impl EvmTemplates {
    #[new]
    fn new(capacity: usize) -> Self {
        Self { family: Family::new(capacity) }
    }

    fn __len__(&self) -> usize {
        self.family.held.len()
    }

    fn clear(&mut self) {
        self.family.held.clear();
    }

    fn add(
        &mut self,
        candidate: &Candidate,
        terms: Given<'_>,
        unsigned: &[u8],
        holes: Vec<Place>,
        note: Py<PyAny>,
    ) -> PyResult<()> {
        self.family.add(candidate, &Numbers::new(terms)?, unsigned, holes, note)
    }

    fn fill<'py>(
        &mut self,
        py: Python<'py>,
        candidate: &Candidate,
        terms: Given<'py>,
    ) -> PyResult<Option<Unsigned<'py>>> {
        self.family.unsigned(py, candidate, &Numbers::new(terms)?)
    }

    /// Filled and signed in one call.
    fn sign<'py>(
        &mut self,
        py: Python<'py>,
        signer: &EvmSigner,
        candidate: &Candidate,
        terms: Given<'py>,
    ) -> PyResult<Option<Signed<'py>>> {
        let Some((template, note)) = self.family.fill(candidate, &Numbers::new(terms)?).map_err(refused)? else {
            return Ok(None);
        };
        let hash = py.detach(|| template.sign(signer.key()).map(|(_, hash)| hash)).map_err(refused)?;
        let [raw, calldata] = [template.signed(), template.calldata()].map(|bytes| PyBytes::new(py, bytes));
        Ok(Some((note.clone_ref(py), PyBytes::new(py, &hash), raw, calldata)))
    }
}

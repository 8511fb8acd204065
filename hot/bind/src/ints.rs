//! Python integers of any width in and out. The stable interface takes 128 bits apart with shifts on objects, and says
//! that a number is too large by raising; the calls here do neither, which is most of what a short call costs.

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyInt;

/// How an integer compares with what fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Below zero.
    Negative,
    /// This number.
    Fits(u128),
    /// Over 128 bits.
    Larger,
}

/// Digits of 128 bits in hexadecimal, and a zero byte.
const DIGITS: usize = 33;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The integer, or why it does not fit 128 bits.
pub fn whole(value: &Bound<'_, PyInt>) -> PyResult<Whole> {
    match signed(value) {
        Ok(small) => Ok(u64::try_from(small).map_or(Whole::Negative, |small| Whole::Fits(small.into()))),
        Err(false) => Ok(Whole::Negative),
        Err(true) => large(value),
    }
}

/// An integer of over 63 bits.
fn large(value: &Bound<'_, PyInt>) -> PyResult<Whole> {
    // SAFETY: `value` is an integer and lives through the call, which cannot fail on one.
    let low = unsafe { ffi::PyLong_AsUnsignedLongLongMask(value.as_ptr()) };
    let shifted = value.rshift(64)?;
    let high = match signed(shifted.cast::<PyInt>()?) {
        Ok(high) => u64::try_from(high).ok(),
        Err(_) => shifted.extract().ok(),
    };
    Ok(high.map_or(Whole::Larger, |high| Whole::Fits(u128::from(high) << 64 | u128::from(low))))
}

/// The integer if it has 63 bits and a sign, else whether it is above them.
fn signed(value: &Bound<'_, PyInt>) -> Result<i64, bool> {
    let mut beyond: c_int = 0;
    // SAFETY: `value` is an integer and lives through the call, which cannot fail on one; `beyond` is written, not kept.
    let small = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &mut beyond) };
    if beyond == 0 {
        Ok(small)
    } else {
        Err(beyond > 0)
    }
}

/// The Python integer of a number.
pub fn number(py: Python<'_>, value: u128) -> PyResult<Bound<'_, PyInt>> {
    if let Ok(small) = u64::try_from(value) {
        return Ok(small.into_pyobject(py)?);
    }
    let mut text = [0 as c_char; DIGITS];
    let (mut rest, mut first) = (value, DIGITS - 1);
    while rest > 0 {
        first -= 1;
        text[first] = HEX[(rest & 15) as usize] as c_char;
        rest >>= 4;
    }
    // SAFETY: the text ends with a zero byte, lives through the call and is not kept; the call returns a new reference
    // to an integer, or null with an error set.
    let made = unsafe {
        let found = ffi::PyLong_FromString(text[first..].as_ptr(), null_mut(), 16);
        Bound::from_owned_ptr_or_err(py, found)
    };
    Ok(made?.cast_into()?)
}

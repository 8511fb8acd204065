//! Why a pool, a quote or a wiring call is refused.

use std::fmt;

/// Why bytes or a quote are refused; [`Refusal::code`] is stable and crosses to Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The bytes have the wrong length.
    Length,
    /// The account does not begin with the layout's magic.
    Magic,
    /// A value is outside its type's range on chain.
    Range,
    /// The account belongs to another program.
    Owner,
    /// The pool does not trade now: paused, closed, or not open yet.
    Disabled,
    /// A mode or layout version that is not understood.
    Unsupported,
    /// The account states another fee than the recipe.
    Fee,
    /// The parts contradict each other (price and tick, liquidity and ticks): something was missed.
    Inconsistent,
    /// There is nothing to trade against.
    Empty,
    /// Nothing is offered; chains reject a swap of zero.
    Zero,
    /// The pool cannot take the whole input.
    PartialFill,
    /// A number does not fit; the chain would revert.
    Overflow,
}

impl Refusal {
    /// The stable reason code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Magic => "magic",
            Self::Range => "range",
            Self::Owner => "owner",
            Self::Disabled => "disabled",
            Self::Unsupported => "unsupported",
            Self::Fee => "fee",
            Self::Inconsistent => "inconsistent",
            Self::Empty => "empty",
            Self::Zero => "zero",
            Self::PartialFill => "partial_fill",
            Self::Overflow => "overflow",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}

/// Wrong use while wiring: the caller's mistake, never caused by bytes from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WiringError(pub String);

impl fmt::Display for WiringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WiringError {}

/// `Err(WiringError)` with this text.
pub(crate) fn wrong<T>(text: impl Into<String>) -> Result<T, WiringError> {
    Err(WiringError(text.into()))
}

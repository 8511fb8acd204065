//! What became of a frame, in words that cross to Python.

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its update waits for the market.
    Kept,
    /// No notification of ours: an answer, a head, a subscription nobody told of.
    Other,
    /// A log of a door nobody watches.
    Unwatched,
    /// The chain took a block back; everything that waited is forgotten and every pool must be read again.
    Removed,
    /// There was no room for its update; see [`Ingest::gaps`](super::Ingest::gaps).
    Lost,
}

impl Taken {
    /// The name that crosses to Python.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Other => "other",
            Self::Unwatched => "unwatched",
            Self::Removed => "removed",
            Self::Lost => "lost",
        }
    }
}

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Longer than [`MAX_FRAME`](super::MAX_FRAME).
    Size,
    /// Not UTF-8.
    Utf8,
    /// Not JSON.
    Json,
    /// Nested too deep.
    Depth,
    /// An escape in text that is read; nodes write none there.
    Escape,
    /// A field twice.
    Duplicate,
    /// A field is missing or of another kind.
    Shape,
    /// A number too large to be true.
    Range,
    /// Account data in another encoding than base64 and base64+zstd.
    Encoding,
    /// Not base64.
    Base64,
    /// Not zstd, or more than an account can hold.
    Zstd,
    /// An owner that is no key.
    Base58,
    /// Not hex, or of another length.
    Hex,
}

impl Refused {
    /// The name that crosses to Python.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Utf8 => "utf8",
            Self::Json => "json",
            Self::Depth => "depth",
            Self::Escape => "escape",
            Self::Duplicate => "duplicate",
            Self::Shape => "shape",
            Self::Range => "range",
            Self::Encoding => "encoding",
            Self::Base64 => "base64",
            Self::Zstd => "zstd",
            Self::Base58 => "base58",
            Self::Hex => "hex",
        }
    }
}

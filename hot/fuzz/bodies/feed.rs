//! Numbers and slices from bytes; zeros and nothing when they run out.

/// What is left of the input.
pub struct Feed<'a>(pub &'a [u8]);

impl<'a> Feed<'a> {
    /// Up to `count` bytes.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        head
    }

    /// Exactly `N` bytes, zeros at the end where there are none.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let head = self.take(N);
        out[..head.len()].copy_from_slice(head);
        out
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// Two bytes, low first, as a length or an index.
    pub fn short(&mut self) -> usize {
        usize::from(u16::from_le_bytes(self.array()))
    }

    /// Eight bytes, low first.
    pub fn long(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// Sixteen bytes, low first.
    pub fn wide(&mut self) -> u128 {
        u128::from_le_bytes(self.array())
    }
}

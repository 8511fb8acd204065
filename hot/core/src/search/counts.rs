//! Numbers of pools, or of cycles by the worst standing of their pools.

/// Whether a pool may be used, for the counts of cycles that cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Fresh,
    /// It waits for a snapshot.
    #[default]
    Stale,
    /// Its bytes did not decode.
    Refused,
}

/// How many are fresh, stale and refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub [u32; 3]);

impl Counts {
    /// So many more.
    pub fn add(&mut self, standing: Standing, count: u32) {
        let held = &mut self.0[standing as usize];
        *held = held.saturating_add(count);
    }

    /// So many less.
    pub fn take(&mut self, standing: Standing, count: u32) {
        let held = &mut self.0[standing as usize];
        *held = held.saturating_sub(count);
    }

    /// Fresh ones.
    #[must_use]
    pub const fn fresh(self) -> u64 {
        self.0[0] as u64
    }

    /// Ways to take one of these and one of those, by the worse standing.
    #[must_use]
    pub fn times(self, other: Self) -> Ways {
        let [one, another] = [self.0, other.0].map(|counts| counts.map(u64::from));
        let fresh = one[0] * another[0];
        let sound = (one[0] + one[1]) * (another[0] + another[1]);
        let all = (one[0] + one[1] + one[2]) * (another[0] + another[1] + another[2]);
        Ways([fresh, sound - fresh, all - sound])
    }
}

/// Numbers of ways by the worst standing on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways(pub [u64; 3]);

impl From<Counts> for Ways {
    fn from(counts: Counts) -> Self {
        Self(counts.0.map(u64::from))
    }
}

impl Ways {
    /// These and so many times the others. Wraps, so that differences add up.
    #[must_use]
    pub fn plus(self, other: Self, times: u64) -> Self {
        let sum = |at: usize| self.0[at].wrapping_add(other.0[at].wrapping_mul(times));
        Self([sum(0), sum(1), sum(2)])
    }

    /// These without the others.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(other, u64::MAX)
    }

    /// The same ways with one more pool on them.
    #[must_use]
    pub const fn through(self, standing: Standing) -> Self {
        let Self([fresh, stale, refused]) = self;
        match standing {
            Standing::Fresh => self,
            Standing::Stale => Self([0, fresh + stale, refused]),
            Standing::Refused => Self([0, 0, fresh + stale + refused]),
        }
    }
}

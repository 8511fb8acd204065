//! Templates by route shape: from a candidate of the market to its transaction in one call.
//!
//! A builder writes the first transaction of a shape and names its holes, each with the number that goes there. Every
//! later candidate of that shape is filled in here. A template is kept only when filling it with what the builder was
//! given gives the builder's bytes.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Slot, TxError};
use crate::candidate::Candidate;
use crate::search::{Edge, MAX_HOPS};

/// The number that goes into a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Input of a swap.
    LegIn(u8),
    /// Output of a swap.
    LegOut(u8),
    /// Input of the first swap, which is what a lender lends.
    AmountIn,
    /// Least output of the last swap: the input, the loan's fee and the least gain.
    LeastOut,
    /// [`Terms::min_gain`].
    MinGain,
    /// [`Terms::tip`].
    Tip,
    /// One of [`Terms::given`].
    Given(u8),
}

/// A slot and what goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The place.
    pub slot: Slot,
    /// The number.
    pub source: Source,
}

/// What a transaction needs besides the candidate.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Part of the shape: which of several layouts of one route, for example the account a tip goes to.
    pub variant: u32,
    /// The blockhash, or the nonce as a big-endian number.
    pub fresh: &'a [u8],
    /// What the route takes.
    pub tip: u128,
    /// What the profit asset must grow by, the flash fee paid.
    pub min_gain: u128,
    /// Numbers of the composer's own: fees, limits, a deadline.
    pub given: &'a [u128],
}

/// A transaction whose numbers change, as both families have one.
pub trait Prebuilt: Sized {
    /// From unsigned bytes as a builder wrote them.
    fn prebuild(unsigned: &[u8], slots: &[Slot]) -> Result<Self, TxError>;
    /// Write a number into a slot; [`TxError::Width`] when it does not fit.
    fn put(&mut self, slot: usize, value: u128) -> Result<(), TxError>;
    /// Write the blockhash or nonce.
    fn renew(&mut self, fresh: &[u8]) -> Result<(), TxError>;
    /// The unsigned bytes as they stand.
    fn bytes(&mut self) -> &[u8];
}

/// Bounded; the shape used longest ago is forgotten first. `N` is what the caller wants to know of a shape.
pub struct Templates<T, N = ()> {
    held: HashMap<Shape, Held<T, N>, RandomState>,
    capacity: usize,
    uses: u64,
}

struct Held<T, N> {
    template: T,
    sources: Vec<Source>,
    note: N,
    used: u64,
}

/// The directed pools of the swaps, the lender and the caller's variant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Shape {
    edges: [Option<Edge>; MAX_HOPS],
    lender: Option<u32>,
    variant: u32,
}

impl<T: Prebuilt, N> Templates<T, N> {
    /// None held yet; at most `capacity` at a time, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { held: HashMap::default(), capacity: capacity.max(1), uses: 0 }
    }

    /// Keep the template of a candidate's shape, in place of an earlier one.
    ///
    /// `unsigned` is what the builder made of exactly these numbers; [`TxError::Differs`] when the holes give others.
    pub fn add(
        &mut self,
        candidate: &Candidate,
        terms: &Terms<'_>,
        unsigned: &[u8],
        holes: &[Hole],
        note: N,
    ) -> Result<(), TxError> {
        let slots: Vec<Slot> = holes.iter().map(|hole| hole.slot).collect();
        let sources = holes.iter().map(|hole| hole.source).collect();
        self.uses += 1;
        let mut made = Held { template: T::prebuild(unsigned, &slots)?, sources, note, used: self.uses };
        made.fill(candidate, terms)?;
        if made.template.bytes() != unsigned {
            return Err(TxError::Differs);
        }
        let shape = Shape::of(candidate, terms.variant);
        if self.held.len() >= self.capacity && !self.held.contains_key(&shape) {
            let oldest = self.held.iter().min_by_key(|(_, held)| held.used).map(|(shape, _)| *shape);
            oldest.map(|shape| self.held.remove(&shape));
        }
        self.held.insert(shape, made);
        Ok(())
    }

    /// The filled template of a candidate's shape, and its note; `None` when there is none of that shape.
    ///
    /// After an error the next fill is whole again. Allocates nothing.
    pub fn fill(&mut self, candidate: &Candidate, terms: &Terms<'_>) -> Result<Option<(&mut T, &N)>, TxError> {
        let Some(held) = self.held.get_mut(&Shape::of(candidate, terms.variant)) else {
            return Ok(None);
        };
        self.uses += 1;
        held.used = self.uses;
        held.fill(candidate, terms)?;
        Ok(Some((&mut held.template, &held.note)))
    }

    /// Forget all of them.
    pub fn clear(&mut self) {
        self.held.clear();
    }

    /// How many shapes are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// True when none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

impl<T: Prebuilt, N> Held<T, N> {
    fn fill(&mut self, candidate: &Candidate, terms: &Terms<'_>) -> Result<(), TxError> {
        for (slot, source) in self.sources.iter().enumerate() {
            self.template.put(slot, source.of(candidate, terms)?)?;
        }
        self.template.renew(terms.fresh)
    }
}

impl Source {
    /// By name, for wiring: the numbered ones take `number`, the others none.
    pub fn named(name: &str, number: u8) -> Result<Self, TxError> {
        match (name, number) {
            ("leg_in", leg) => Ok(Self::LegIn(leg)),
            ("leg_out", leg) => Ok(Self::LegOut(leg)),
            ("given", place) => Ok(Self::Given(place)),
            ("amount_in", 0) => Ok(Self::AmountIn),
            ("least_out", 0) => Ok(Self::LeastOut),
            ("min_gain", 0) => Ok(Self::MinGain),
            ("tip", 0) => Ok(Self::Tip),
            _ => Err(TxError::Source),
        }
    }

    fn of(self, candidate: &Candidate, terms: &Terms<'_>) -> Result<u128, TxError> {
        let leg = |number: u8| candidate.legs.get(usize::from(number)).ok_or(TxError::Source);
        match self {
            Self::LegIn(number) => leg(number).map(|leg| leg.amount_in),
            Self::LegOut(number) => leg(number).map(|leg| leg.amount_out),
            Self::AmountIn => Ok(candidate.amount_in),
            Self::LeastOut => {
                let fee = candidate.lender.map_or(0, |_| candidate.flash_fee);
                let owed = candidate.amount_in.checked_add(fee);
                owed.and_then(|owed| owed.checked_add(terms.min_gain)).ok_or(TxError::Width)
            }
            Self::MinGain => Ok(terms.min_gain),
            Self::Tip => Ok(terms.tip),
            Self::Given(number) => terms.given.get(usize::from(number)).copied().ok_or(TxError::Source),
        }
    }
}

impl Shape {
    fn of(candidate: &Candidate, variant: u32) -> Self {
        let mut edges = [None; MAX_HOPS];
        for (edge, leg) in edges.iter_mut().zip(&candidate.legs) {
            *edge = Some(Edge::new(leg.pool, leg.zero_for_one));
        }
        Self { edges, lender: candidate.lender, variant }
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::sample;
    use super::super::{SolanaKey, SolanaTemplate};
    use super::*;
    use crate::candidate::Leg;
    use proptest::prelude::*;

    fn candidate(pools: &[(u32, bool)], lender: Option<u32>) -> Candidate {
        let leg = |(pool, zero_for_one)| Leg { pool, zero_for_one, amount_in: 5, amount_out: 6 };
        Candidate {
            search: 0,
            legs: pools.iter().copied().map(leg).collect(),
            amount_in: 5,
            gross: 9,
            lender,
            flash_fee: 2,
            units: 1,
            network_fee: 0,
            tip: 0,
            net: 1,
            seq: 7,
        }
    }

    const FRESH: [u8; 32] = [9; 32];
    const PAIR: [(u32, bool); 2] = [(0, true), (1, false)];

    fn terms(given: &[u128]) -> Terms<'_> {
        Terms { variant: 0, fresh: &FRESH, tip: 4, min_gain: 3, given }
    }

    fn hole(at: usize, source: Source) -> Hole {
        Hole { slot: Slot { item: 0, at, len: 1 }, source }
    }

    /// The sample's first instruction has the data `[1, 2, 3]`.
    fn held(capacity: usize, pools: &[(u32, bool)]) -> Templates<SolanaTemplate, &'static str> {
        let mut made = Templates::new(capacity);
        let holes = [hole(1, Source::Given(0)), hole(2, Source::MinGain)];
        made.add(&candidate(pools, None), &terms(&[2]), &sample([7; 32]), &holes, "note").unwrap();
        made
    }

    #[test]
    fn every_source_is_the_number_it_says() {
        let (lent, own) = (candidate(&PAIR, Some(0)), candidate(&PAIR, None));
        let of = |source: Source, found| source.of(found, &terms(&[11, 12]));
        let wanted = [
            (Source::LegIn(1), Ok(5)),
            (Source::LegOut(0), Ok(6)),
            (Source::LegOut(2), Err(TxError::Source)),
            (Source::AmountIn, Ok(5)),
            (Source::LeastOut, Ok(10)),
            (Source::MinGain, Ok(3)),
            (Source::Tip, Ok(4)),
            (Source::Given(1), Ok(12)),
            (Source::Given(2), Err(TxError::Source)),
        ];
        for (source, value) in wanted {
            assert_eq!(of(source, &lent), value, "{source:?}");
        }
        assert_eq!(of(Source::LeastOut, &own), Ok(8));
        let huge = Candidate { amount_in: u128::MAX, ..lent };
        assert_eq!(of(Source::LeastOut, &huge), Err(TxError::Width));
    }

    #[test]
    fn names_are_those_of_the_sources() {
        assert_eq!(Source::named("leg_out", 2), Ok(Source::LegOut(2)));
        assert_eq!(Source::named("tip", 0), Ok(Source::Tip));
        for (name, number) in [("tip", 1), ("", 0), ("legs_in", 0)] {
            assert_eq!(Source::named(name, number), Err(TxError::Source));
        }
    }

    #[test]
    fn a_later_candidate_of_the_shape_is_filled_and_signed() {
        let key = SolanaKey::new(&[1; 32]).unwrap();
        let mut made = Templates::<SolanaTemplate>::new(1);
        let found = candidate(&PAIR, None);
        made.add(&found, &terms(&[2]), &sample(*key.public()), &[hole(1, Source::Given(0))], ()).unwrap();
        let (template, ()) = made.fill(&found, &Terms { fresh: &[4; 32], ..terms(&[200]) }).unwrap().unwrap();
        let mut wanted = sample(*key.public());
        wanted[69..101].fill(4);
        let data = wanted.windows(3).position(|bytes| bytes == [1, 2, 3]).unwrap();
        wanted[data + 1] = 200;
        assert_eq!(template.bytes(), wanted);
        let mut wire = Vec::new();
        key.sign_message(&wanted, &mut wire).unwrap();
        assert_eq!(template.sign(&key).unwrap(), wire);
    }

    #[test]
    fn other_pools_directions_lengths_lenders_and_variants_are_other_shapes() {
        let mut made = held(4, &PAIR);
        let mut found = |candidate: &Candidate, variant| {
            made.fill(candidate, &Terms { variant, ..terms(&[2]) }).unwrap().map(|(_, note)| *note)
        };
        assert_eq!(found(&candidate(&PAIR, None), 0), Some("note"));
        for pools in [&[(0, true), (1, true)][..], &[(0, true), (2, false)], &PAIR[..1], &[PAIR[0], PAIR[1], (2, true)]]
        {
            assert_eq!(found(&candidate(pools, None), 0), None, "{pools:?}");
        }
        assert_eq!(found(&candidate(&PAIR, Some(0)), 0), None);
        assert_eq!(found(&candidate(&PAIR, None), 1), None);
    }

    #[test]
    fn holes_that_do_not_give_the_builders_bytes_are_refused() {
        let mut made = Templates::<SolanaTemplate>::new(4);
        let mut add = |given: &[u128], source, fresh| {
            let terms = Terms { fresh, ..terms(given) };
            made.add(&candidate(&PAIR, None), &terms, &sample([7; 32]), &[hole(1, source)], ())
        };
        assert_eq!(add(&[1], Source::Given(0), &FRESH), Err(TxError::Differs));
        assert_eq!(add(&[2], Source::Given(0), &[8; 32]), Err(TxError::Differs));
        assert_eq!(add(&[2], Source::Given(0), &[9; 31]), Err(TxError::Width));
        assert_eq!(add(&[256], Source::Given(0), &FRESH), Err(TxError::Width));
        assert_eq!(add(&[2], Source::Given(1), &FRESH), Err(TxError::Source));
        assert!(made.is_empty());
    }

    #[test]
    fn a_value_that_does_not_fit_spoils_only_its_own_fill() {
        let mut made = held(4, &PAIR);
        let found = candidate(&PAIR, None);
        assert_eq!(made.fill(&found, &terms(&[256])).err(), Some(TxError::Width));
        assert_eq!(made.fill(&found, &terms(&[2])).unwrap().unwrap().0.bytes(), sample([7; 32]));
    }

    proptest! {
        #[test]
        fn no_holes_and_no_numbers_make_it_panic(
            places in proptest::collection::vec((0usize..3, 0usize..4, 0usize..10, 0usize..8, any::<u8>()), 0..6),
            numbers in proptest::collection::vec(any::<u128>(), 0..3),
            fresh in proptest::collection::vec(any::<u8>(), 0..40),
            amount: u128, fee: u128, min_gain: u128,
        ) {
            const NAMES: [&str; 8] = ["leg_in", "leg_out", "amount_in", "least_out", "min_gain", "tip", "given", ""];
            let named = |(item, at, len, name, number): (usize, usize, usize, usize, u8)| {
                Source::named(NAMES[name], number % 4).ok().map(|source| Hole { slot: Slot { item, at, len }, source })
            };
            let holes: Vec<Hole> = places.into_iter().filter_map(named).collect();
            let found = Candidate { amount_in: amount, flash_fee: fee, ..candidate(&PAIR, Some(1)) };
            let terms = Terms { variant: 7, fresh: &fresh, tip: 1, min_gain, given: &numbers };
            let mut made = Templates::<SolanaTemplate>::new(0);
            let kept = made.add(&found, &terms, &sample([7; 32]), &holes, ()).is_ok();
            prop_assert_eq!(made.len(), usize::from(kept));
            let filled = made.fill(&found, &terms).unwrap().map(|(template, ())| template.bytes().to_vec());
            prop_assert_eq!(filled, kept.then(|| sample([7; 32])));
        }
    }

    #[test]
    fn the_shape_used_longest_ago_is_forgotten_first() {
        let mut made = held(2, &PAIR);
        let (first, second, third) = (PAIR, [(2, true), (3, true)], [(4, true), (5, true)]);
        let add = |made: &mut Templates<_, _>, pools: &[(u32, bool)]| {
            made.add(&candidate(pools, None), &terms(&[2]), &sample([7; 32]), &[], "other").unwrap();
        };
        add(&mut made, &second);
        assert!(made.fill(&candidate(&first, None), &terms(&[2])).unwrap().is_some());
        add(&mut made, &third);
        assert_eq!(made.len(), 2);
        assert!(made.fill(&candidate(&second, None), &terms(&[2])).unwrap().is_none());
        assert!(made.fill(&candidate(&first, None), &terms(&[2])).unwrap().is_some());
        made.clear();
        assert!(made.is_empty());
    }
}

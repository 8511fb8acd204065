//! One pool in the arena: its rule, its state, and in what order updates may change it.

use std::hint::black_box;

use ruint::aliases::U256;

use crate::curves::tick_walk::Ask;
use crate::curves::{Curve, State};
use crate::decoders::{Change, Decoder};
use crate::error::Refusal;
use crate::history::{block, last_of, Back, History};
use crate::venues::book::Book;
use crate::venues::reading::Reading;
use crate::venues::Clock;

/// Most updates kept for a pool that waits for a snapshot.
pub const MAX_PENDING: usize = 1024;

/// Whether a pool may be traded on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// State is complete as far as the feed went.
    Fresh,
    /// Waits for a snapshot.
    Stale,
    /// Some of its accounts are of an older slot than others they change with: it waits for their news.
    Unsettled,
    /// Bytes did not decode or contradict the state; waits for a snapshot.
    Refused(Refusal),
    /// It was dropped for good.
    Dropped,
}

/// What accounts are read with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The chain's clock.
    pub clock: Clock,
    /// Everything of the slots before this one was told.
    pub told: u64,
}

/// What happened to one update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The state changed.
    Applied,
    /// Kept until the pool is loaded.
    Kept,
    /// Not newer than what is held.
    Ignored,
    /// The pool is refused from here on.
    Refused(Refusal),
}

/// A pool: what it is (fixed) and how it stands (changing).
///
/// While a pool is not fresh, decoded updates are kept; [`Pool::load`] puts those newer than the snapshot on top.
/// What could not be kept is remembered by its number, and only a snapshot at least as new makes the pool fresh.
#[derive(Debug)]
pub struct Pool {
    /// Name from the recipe.
    pub name: String,
    /// Pricing rule.
    pub curve: Curve,
    /// Byte layout.
    pub decoder: Decoder,
    /// Asset handles.
    pub assets: [u32; 2],
    /// Gas or compute units of one swap.
    pub units: u64,
    status: Status,
    state: Option<State>,
    seq: u64,
    version: u64,
    pending: Vec<(u64, Change)>,
    lost: Option<u64>,
    book: Option<Box<Book>>,
    history: History,
}

impl Pool {
    /// A pool that waits for its first snapshot.
    #[must_use]
    pub fn new(name: String, curve: Curve, decoder: Decoder, assets: [u32; 2], units: u64) -> Self {
        let (status, state, pending, history) = (Status::Stale, None, Vec::new(), History::default());
        Self {
            name,
            curve,
            decoder,
            assets,
            units,
            status,
            state,
            seq: 0,
            version: 0,
            pending,
            lost: None,
            book: None,
            history,
        }
    }

    /// A pool made of accounts that waits for its first snapshot.
    #[must_use]
    pub fn of_accounts(name: String, book: Book, assets: [u32; 2], units: u64) -> Self {
        Self { book: Some(Box::new(book)), ..Self::new(name, Curve::Venue, Decoder::Accounts, assets, units) }
    }

    /// Its accounts, if it is made of them.
    #[must_use]
    pub fn book(&self) -> Option<&Book> {
        self.book.as_deref()
    }

    /// Whether it may be traded on.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Ordering number of the newest update in the state.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Grows whenever the state becomes another one, taken back ones included.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The state, whatever the status; `None` before the first load.
    #[must_use]
    pub const fn held(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// The state if it may be traded on.
    #[must_use]
    pub fn usable(&self) -> Option<&State> {
        match self.status {
            Status::Fresh => self.state.as_ref(),
            _ => None,
        }
    }

    /// Exact-in quote on a usable state.
    pub fn quote(&self, zero_for_one: bool, amount_in: u128) -> Result<u128, Refusal> {
        let state = self.usable().ok_or(Refusal::Empty)?;
        self.curve.quote(state, zero_for_one, amount_in)
    }

    /// Input for an exact output on a usable state; see [`Curve::quote_out`].
    pub fn quote_out(&self, zero_for_one: bool, amount_out: u128) -> Result<u128, Refusal> {
        let state = self.usable().ok_or(Refusal::Empty)?;
        self.curve.quote_out(state, zero_for_one, amount_out)
    }

    /// What a usable state moves for a given side; see [`Curve::fill`].
    pub fn fill(&self, ask: Ask) -> Result<(U256, U256), Refusal> {
        let state = self.usable().ok_or(Refusal::Empty)?;
        self.curve.fill(state, ask)
    }

    /// Read ahead what an update will need.
    #[inline]
    pub(crate) fn warm(&self) {
        black_box((self.seq, self.version, self.status, self.decoder, self.pending.len()));
        black_box((self.state.as_ref().map(std::mem::discriminant), self.units, self.lost));
    }

    /// Take one update with what its bytes decoded to.
    #[inline]
    pub fn take(&mut self, seq: u64, decoded: Result<Change, Refusal>) -> Taken {
        let fresh = self.status == Status::Fresh;
        let newest = if fresh { Some(self.seq) } else { self.pending.last().map(|kept| kept.0).max(self.lost) };
        if newest.is_some_and(|newest| seq <= newest) {
            return Taken::Ignored;
        }
        let change = match decoded {
            Ok(change) => change,
            Err(refusal) => return self.refuse(seq, refusal),
        };
        if !fresh {
            self.keep(seq, change);
            return Taken::Kept;
        }
        let Some(state) = self.state.as_mut() else { return self.refuse(seq, Refusal::Empty) };
        self.history.remember(self.seq, seq, state, &change);
        let applied = change.apply(&self.curve, state);
        match applied {
            Ok(()) => {
                self.seq = seq;
                self.version += 1;
                Taken::Applied
            }
            Err(refusal) => self.refuse(seq, refusal),
        }
    }

    /// Replace the state by a snapshot and put kept newer updates on top. True when the pool is fresh now; false
    /// when updates newer than the snapshot are missing, so that a newer snapshot is needed.
    ///
    /// A snapshot older than a fresh state changes nothing.
    pub fn load(&mut self, seq: u64, snapshot: &[u8]) -> Result<bool, Refusal> {
        let mut state = self.decoder.snapshot(&self.curve, snapshot)?;
        if self.status == Status::Fresh && seq < self.seq {
            return Ok(true);
        }
        if self.lost.is_some_and(|lost| lost > seq) {
            return Ok(false);
        }
        self.history.clear();
        let mut newest = seq;
        for (at, change) in std::mem::take(&mut self.pending) {
            if at <= seq {
                continue;
            }
            if let Err(refusal) = change.apply(&self.curve, &mut state) {
                self.refuse(at, refusal);
                return Ok(false);
            }
            newest = at;
        }
        (self.state, self.seq, self.lost, self.status) = (Some(state), newest, None, Status::Fresh);
        self.version += 1;
        Ok(true)
    }

    /// Forget what is kept and trade on nothing until the next load, whose snapshot must be read after this call.
    pub fn mark_stale(&mut self) {
        self.status = Status::Stale;
        self.pending.clear();
        self.history.clear();
        self.lost = None;
        if let Some(book) = &mut self.book {
            book.forget();
        }
    }

    /// The state as bytes that [`Pool::load`] takes: loaded with [`Pool::seq`] they are this state again. `None` while
    /// it may not be traded on.
    #[must_use]
    pub fn snapshot(&self) -> Option<Vec<u8>> {
        let state = self.usable()?;
        match &self.book {
            Some(book) => Some(book.snapshot()),
            None => self.decoder.encode(&self.curve, state),
        }
    }

    /// Take everything after a block (or slot) out again: what is kept for a load too. A pool made of accounts must be
    /// read after it; a stale one needs a snapshot that was read after this call.
    pub fn roll_back(&mut self, to: u64) -> Back {
        if let Some(book) = &mut self.book {
            let back = book.roll_back(to);
            if back == Back::Stale {
                self.mark_stale();
            }
            return back;
        }
        let last = last_of(to);
        self.pending.retain(|kept| kept.0 <= last);
        self.lost = self.lost.map(|lost| lost.min(last));
        let Some(state) = self.state.as_mut().filter(|_| self.status == Status::Fresh && block(self.seq) > to) else {
            return Back::Untouched;
        };
        match self.history.back(to, self.seq, state, &self.curve) {
            Some(seq) => {
                self.seq = seq;
                self.version += 1;
                Back::Restored
            }
            None => {
                self.mark_stale();
                Back::Stale
            }
        }
    }

    /// Give everything back that it holds; it is never used again.
    pub(crate) fn drop_for_good(&mut self) {
        let name = std::mem::take(&mut self.name);
        *self = Self { status: Status::Dropped, ..Self::new(name, self.curve, self.decoder, self.assets, self.units) };
    }

    /// Take the newest bytes of one account. The state stays as it is until [`Pool::read_accounts`].
    pub fn take_account(&mut self, number: u32, seq: u64, update: &[u8]) -> Taken {
        let Some(book) = &mut self.book else { return Taken::Ignored };
        match book.take(number, seq, update) {
            Ok(false) => Taken::Ignored,
            Ok(true) if book.is_loaded() => Taken::Applied,
            Ok(true) => Taken::Kept,
            Err(refusal) => Taken::Refused(refusal),
        }
    }

    /// Put a snapshot of all accounts at one moment below what is newer, and read. False when an account's newer bytes
    /// could not be kept, so that newer ones are needed. An error of the layout changes nothing; any other one refuses
    /// the pool until its accounts read again.
    pub fn load_accounts(&mut self, seq: u64, snapshot: &[u8], moment: &Moment) -> Result<bool, Refusal> {
        let Some(book) = &mut self.book else { return Err(Refusal::Unsupported) };
        book.load(seq, snapshot)?;
        let complete = book.is_complete();
        match self.read_accounts(moment) {
            Err(_) if !complete => Ok(false),
            read => read.map(|()| true),
        }
    }

    /// Read the state from the accounts as they are now: fresh, unsettled, or refused until they read again. A pool that
    /// waits for a snapshot goes on waiting.
    pub fn read_accounts(&mut self, moment: &Moment) -> Result<(), Refusal> {
        let Some(book) = self.book.as_mut().filter(|book| book.is_loaded()) else { return Ok(()) };
        self.seq = book.newest();
        let settled = book.torn().is_none_or(|slot| slot < moment.told);
        let read = match &mut self.state {
            Some(State::Venue(held)) => book.read_into(held, &moment.clock),
            state => book.read(&moment.clock).map(|venue| *state = Some(State::Venue(Box::new(Reading::new(venue))))),
        };
        match read {
            Ok(()) => {
                self.version += 1;
                self.status = if settled { Status::Fresh } else { Status::Unsettled };
                Ok(())
            }
            Err(refusal) => {
                self.status = Status::Refused(refusal);
                Err(refusal)
            }
        }
    }

    fn refuse(&mut self, seq: u64, refusal: Refusal) -> Taken {
        self.status = Status::Refused(refusal);
        self.pending.clear();
        self.history.clear();
        self.lost = self.lost.max(Some(seq));
        Taken::Refused(refusal)
    }

    fn keep(&mut self, seq: u64, change: Change) {
        if self.decoder.is_whole() {
            self.pending.clear();
        } else if self.pending.len() >= MAX_PENDING {
            self.lost = self.pending.last().map(|kept| kept.0);
            self.pending.clear();
        }
        self.pending.push((seq, change));
    }
}

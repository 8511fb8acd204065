//! The accounts of one pool as they came, and bounds-checked reading of their bytes.

use std::cell::RefCell;
use std::collections::HashMap;

use super::address::{derived, Derived};
use super::book::Book;
use crate::error::Refusal;

/// What the chain's clock says; fees of some venues and token mints depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Slot.
    pub slot: u64,
    /// Seconds since 1970.
    pub unix_timestamp: i64,
    /// Epoch: which transfer fee of a Token-2022 mint is in force.
    pub epoch: u64,
}

/// One account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// Address.
    pub key: [u8; 32],
    /// Owner program.
    pub owner: [u8; 32],
    /// Data, undecoded.
    pub data: &'a [u8],
}

/// The accounts of one pool by role, and the ordered ones a swap walks through (tick or bin arrays) by direction.
#[derive(Clone, Debug)]
pub struct Accounts<'a> {
    source: Source<'a>,
    known: Option<&'a RefCell<Derived>>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Given {
        roles: HashMap<&'a str, [u8; 32]>,
        held: HashMap<[u8; 32], Account<'a>>,
        routes: [Vec<[u8; 32]>; 2],
    },
    /// Read where they are held.
    Book(&'a Book),
}

impl<'a> From<&'a Book> for Accounts<'a> {
    fn from(book: &'a Book) -> Self {
        Self { source: Source::Book(book), known: None }
    }
}

impl<'a> Accounts<'a> {
    /// `routes[0]` is walked when asset 0 goes in. Keys without an account are uninitialised.
    #[must_use]
    pub fn new(
        roles: HashMap<&'a str, [u8; 32]>,
        held: HashMap<[u8; 32], Account<'a>>,
        routes: [Vec<[u8; 32]>; 2],
    ) -> Self {
        Self { source: Source::Given { roles, held, routes }, known: None }
    }

    /// The same, with addresses from readings before.
    #[must_use]
    pub fn knowing(self, known: &'a RefCell<Derived>) -> Self {
        Self { known: Some(known), ..self }
    }

    /// See [`derived`]; remembered where there is a memory.
    #[must_use]
    pub fn derived(&self, seeds: &[&[u8]], program: &[u8; 32]) -> Option<[u8; 32]> {
        match self.known.map(RefCell::try_borrow_mut) {
            Some(Ok(mut known)) => known.of(seeds, program),
            _ => derived(seeds, program),
        }
    }

    /// Address of a role; `Empty` when the pool was not given one.
    pub fn key(&self, role: &str) -> Result<[u8; 32], Refusal> {
        match &self.source {
            Source::Given { roles, .. } => roles.get(role).copied(),
            Source::Book(book) => book.role(role),
        }
        .ok_or(Refusal::Empty)
    }

    /// The account of a role, which must exist.
    pub fn role(&self, role: &str) -> Result<Account<'a>, Refusal> {
        self.at(&self.key(role)?).ok_or(Refusal::Empty)
    }

    /// The account of a role owned by `program`; `Owner` otherwise.
    pub fn owned(&self, role: &str, program: &[u8; 32]) -> Result<Account<'a>, Refusal> {
        let account = self.role(role)?;
        if account.owner == *program {
            Ok(account)
        } else {
            Err(Refusal::Owner)
        }
    }

    /// The account at an address; `None` when there is none.
    #[must_use]
    pub fn at(&self, key: &[u8; 32]) -> Option<Account<'a>> {
        match &self.source {
            Source::Given { held, .. } => held.get(key).copied(),
            Source::Book(book) => book.account(key),
        }
    }

    /// Ordered addresses a swap of this direction walks through.
    #[must_use]
    pub fn route(&self, zero_for_one: bool) -> &[[u8; 32]] {
        let routes = match &self.source {
            Source::Given { routes, .. } => routes,
            Source::Book(book) => book.routes(),
        };
        &routes[usize::from(!zero_for_one)]
    }
}

/// Little-endian field reads; `Length` past the end.
pub trait Fields {
    /// `N` bytes at `at`.
    fn take<const N: usize>(&self, at: usize) -> Result<[u8; N], Refusal>;

    /// u8.
    fn u8(&self, at: usize) -> Result<u8, Refusal> {
        self.take::<1>(at).map(|[byte]| byte)
    }
    /// u16.
    fn u16(&self, at: usize) -> Result<u16, Refusal> {
        self.take(at).map(u16::from_le_bytes)
    }
    /// u32.
    fn u32(&self, at: usize) -> Result<u32, Refusal> {
        self.take(at).map(u32::from_le_bytes)
    }
    /// i32.
    fn i32(&self, at: usize) -> Result<i32, Refusal> {
        self.take(at).map(i32::from_le_bytes)
    }
    /// u64.
    fn u64(&self, at: usize) -> Result<u64, Refusal> {
        self.take(at).map(u64::from_le_bytes)
    }
    /// i64.
    fn i64(&self, at: usize) -> Result<i64, Refusal> {
        self.take(at).map(i64::from_le_bytes)
    }
    /// u128.
    fn u128(&self, at: usize) -> Result<u128, Refusal> {
        self.take(at).map(u128::from_le_bytes)
    }
    /// i128.
    fn i128(&self, at: usize) -> Result<i128, Refusal> {
        self.take(at).map(i128::from_le_bytes)
    }
    /// A 32-byte address.
    fn key(&self, at: usize) -> Result<[u8; 32], Refusal> {
        self.take(at)
    }
}

impl Fields for [u8] {
    fn take<const N: usize>(&self, at: usize) -> Result<[u8; N], Refusal> {
        let end = at.checked_add(N).ok_or(Refusal::Length)?;
        let bytes = self.get(at..end).ok_or(Refusal::Length)?;
        bytes.try_into().map_err(|_| Refusal::Length)
    }
}

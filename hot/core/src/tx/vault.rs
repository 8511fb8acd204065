//! Key bytes on pages of their own that are kept out of swap and core dumps, and wiped before they are given back.

use memmap2::MmapMut;
use zeroize::Zeroize;

use super::TxError;

/// Holds up to [`Vault::CAPACITY`] secret bytes. It has no `Debug`, no `Clone` and no serialisation.
///
/// A mapping begins a page, so that locking and unlocking one vault never touches another; unmapping unlocks.
pub(super) struct Vault {
    pages: MmapMut,
    len: usize,
    kept: bool,
}

impl Vault {
    /// Longest secret: an expanded Ed25519 key.
    pub(super) const CAPACITY: usize = 64;

    /// Empty, filled in place so that the secret is never moved.
    ///
    /// The system may refuse to lock (a limit on locked memory); the vault then still wipes, and says so.
    pub(super) fn new(len: usize) -> Result<Self, TxError> {
        if len > Self::CAPACITY {
            return Err(TxError::Key);
        }
        let pages = MmapMut::map_anon(Self::CAPACITY).map_err(|_| TxError::Memory)?;
        let kept = keep(&pages);
        Ok(Self { pages, len, kept })
    }

    /// True when the system promised to keep the pages in memory and out of core dumps.
    pub(super) const fn is_locked(&self) -> bool {
        self.kept
    }

    /// The secret.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.pages[..self.len]
    }

    /// The secret, to be written.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.pages[..self.len]
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.pages.zeroize();
        #[cfg(test)]
        tests::dropped(&self.pages);
    }
}

#[cfg(unix)]
fn keep(pages: &MmapMut) -> bool {
    #[cfg(target_os = "linux")]
    let undumped = pages.advise(memmap2::Advice::DontDump).is_ok();
    #[cfg(not(target_os = "linux"))]
    let undumped = true;
    pages.lock().is_ok() && undumped
}

#[cfg(not(unix))]
fn keep(_: &MmapMut) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::{EvmKey, SolanaKey};
    use super::*;

    thread_local! {
        /// What the vaults this thread has dropped held when their pages were given back.
        static LEFT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn dropped(pages: &[u8]) {
        LEFT.with_borrow_mut(|left| left.push(pages.to_vec()));
    }

    #[test]
    fn a_secret_is_read_back_and_gone_when_its_page_is_given_back() {
        let mut vault = Vault::new(32).unwrap();
        vault.bytes_mut().copy_from_slice(&[7; 32]);
        assert_eq!(vault.bytes(), [7; 32]);
        LEFT.take();
        drop(vault);
        assert_eq!(LEFT.take(), [vec![0; Vault::CAPACITY]]);
    }

    #[test]
    fn dropped_keys_and_keys_that_are_none_leave_nothing() {
        LEFT.take();
        drop(EvmKey::new(&[7; 32]));
        drop(SolanaKey::new(&[7; 32]));
        assert!(EvmKey::new(&[255; 32]).is_err());
        assert!(SolanaKey::new(&[7; 64]).is_err());
        assert_eq!(LEFT.take(), vec![vec![0; Vault::CAPACITY]; 4]);
    }

    #[test]
    fn every_vault_has_pages_of_its_own() {
        let vaults = [Vault::new(64).unwrap(), Vault::new(64).unwrap()];
        let [one, other] = vaults.each_ref().map(|vault| vault.bytes().as_ptr() as usize);
        assert_eq!((one % 4096, other % 4096), (0, 0));
        assert_ne!(one, other);
    }

    #[test]
    fn more_than_a_key_is_refused() {
        assert_eq!(Vault::new(65).err(), Some(TxError::Key));
    }

    /// Flags of the mapping that holds an address (`man proc_pid_smaps`).
    #[cfg(target_os = "linux")]
    fn flags(address: usize) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let holds = |line: &str| {
            let (first, end) = line.split(' ').next()?.split_once('-')?;
            let [first, end] = [first, end].map(|text| usize::from_str_radix(text, 16).ok());
            Some((first?..end?).contains(&address))
        };
        let mut lines = maps.lines().skip_while(|line| holds(line) != Some(true));
        lines.find_map(|line| line.strip_prefix("VmFlags:")).unwrap_or_default().to_owned()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_itself_says_that_pages_are_locked_and_not_dumped() {
        let vault = Vault::new(32).unwrap();
        let flags = flags(vault.bytes().as_ptr() as usize);
        let has = |flag: &str| flags.split_whitespace().any(|one| one == flag);
        assert_eq!(vault.is_locked(), has("lo") && has("dd"), "{flags}");
    }
}

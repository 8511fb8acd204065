//! Key bytes on a page of their own that is kept out of swap and wiped before it is given back.

use region::LockGuard;
use zeroize::Zeroize;

use super::TxError;

/// Aligned to the largest page size in use (16 KiB), so that unlocking one vault never unlocks another.
#[repr(C, align(16384))]
struct Page([u8; Vault::CAPACITY]);

/// Holds up to [`Vault::CAPACITY`] secret bytes. It has no `Debug`, no `Clone` and no serialisation.
pub(super) struct Vault {
    // Dropped in this order: unlocked while the page still exists.
    lock: Option<LockGuard>,
    page: Box<Page>,
    len: usize,
}

impl Vault {
    /// Longest secret: an expanded Ed25519 key.
    pub(super) const CAPACITY: usize = 64;

    /// An empty page, filled in place so that the secret is never moved.
    ///
    /// The system may refuse to lock (a limit on locked memory); the vault then still wipes, and says so.
    pub(super) fn new(len: usize) -> Result<Self, TxError> {
        if len > Self::CAPACITY {
            return Err(TxError::Key);
        }
        let page = Box::new(Page([0; Self::CAPACITY]));
        let lock = region::lock(std::ptr::from_ref::<Page>(&page), std::mem::size_of::<Page>()).ok();
        Ok(Self { lock, page, len })
    }

    /// True when the system promised to keep the page in memory.
    pub(super) const fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// The secret.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.page.0[..self.len]
    }

    /// The secret, to be written.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.page.0[..self.len]
    }

    fn wipe(&mut self) {
        self.page.0.zeroize();
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_wiped() {
        let mut vault = Vault::new(32).unwrap();
        vault.bytes_mut().copy_from_slice(&[7; 32]);
        assert_eq!(vault.bytes(), [7; 32]);
        vault.wipe();
        assert_eq!(vault.page.0, [0; Vault::CAPACITY]);
    }

    #[test]
    fn every_vault_has_pages_of_its_own() {
        let vaults = [Vault::new(64).unwrap(), Vault::new(64).unwrap()];
        assert_eq!(std::mem::size_of::<Page>(), 16384);
        for vault in &vaults {
            assert_eq!(std::ptr::from_ref::<Page>(&vault.page) as usize % 16384, 0);
        }
    }

    #[test]
    fn more_than_a_key_is_refused() {
        assert_eq!(Vault::new(65).err(), Some(TxError::Key));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_page_counts_as_locked_memory() {
        let vault = Vault::new(32).unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
        let kilobytes: u64 = locked.trim().trim_end_matches("kB").trim().parse().unwrap();
        assert!(!vault.is_locked() || kilobytes >= 16);
    }
}

use std::{future::Future, panic::Location};

use super::Versions;
use crate::Version;

impl Versions {
    /// For tests: runs a block that is to invalidate a name.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let toml = "[DATABASES]\ndefault = 'sqlite::memory:'\n[CACHES.default]\nBACKEND = 'locmem'";
    /// # let caches = cachemere::Caches::from_toml(toml)?;
    /// let versions = caches.versions();
    /// versions.start("bans")?;
    /// versions.assert_invalidates("bans", || versions.invalidate(["bans"]))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// If the version of the name is the same after it; if the name has none, or the database fails.
    #[track_caller]
    pub fn assert_invalidates<T>(&self, name: &str, block: impl FnOnce() -> T) -> T {
        let before = self.now(name);
        let output = block();
        let after = self.now(name);
        assert!(
            before != after,
            "`{name}` was not invalidated: its version is still {after}"
        );
        output
    }

    /// [`assert_invalidates`](Self::assert_invalidates) of a future.
    ///
    /// # Panics
    /// As [`assert_invalidates`](Self::assert_invalidates).
    #[track_caller]
    pub fn aassert_invalidates<F: Future>(
        &self,
        name: &str,
        block: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        let (versions, name, place) = (self.clone(), name.to_owned(), Location::caller());
        async move {
            let before = versions.now(&name);
            let output = block.await;
            let after = versions.now(&name);
            assert!(
                before != after,
                "{place}: `{name}` was not invalidated: its version is still {after}"
            );
            output
        }
    }

    /// The version in the database.
    #[track_caller]
    fn now(&self, name: &str) -> Version {
        let versions = self.table().and_then(|table| table.load());
        match versions.and_then(|versions| versions.get(name).cloned()) {
            Ok(version) => version,
            Err(error) => panic!("{error}"),
        }
    }
}

use cachemere_base::Result;

use super::Versions;

/// A step of a migration: it can be applied and reverted, each more than once.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// use cachemere::versions::{Operation, StartCacheVersioning, StopCacheVersioning};
///
/// # let toml = "[DATABASES]\ndefault = 'sqlite::memory:'\n[CACHES.default]\nBACKEND = 'locmem'";
/// # let caches = cachemere::Caches::from_toml(toml)?;
/// let operations: [&dyn Operation; 2] = [
///     // starts cache versioning for "my_cache"
///     &StartCacheVersioning("my_cache"),
///     // stops cache versioning for "my_cache"
///     &StopCacheVersioning("my_cache"),
/// ];
/// let versions = caches.versions();
/// for operation in operations {
///     assert!(operation.apply(&versions)?);
///     assert!(!operation.apply(&versions)?); // nothing is left to do
/// }
/// for operation in operations.iter().rev() {
///     assert!(operation.revert(&versions)?);
/// }
/// # Ok(())
/// # }
/// ```
pub trait Operation {
    /// Does it; false if it is done already.
    ///
    /// # Errors
    /// As [`Versions::start`] and [`Versions::stop`].
    fn apply(&self, versions: &Versions) -> Result<bool>;

    /// Undoes it; false if it is undone already.
    ///
    /// # Errors
    /// As [`Versions::start`] and [`Versions::stop`].
    fn revert(&self, versions: &Versions) -> Result<bool>;
}

/// Gives a name a version.
#[derive(Clone, Copy, Debug)]
pub struct StartCacheVersioning<'a>(pub &'a str);

/// Takes the version of a name away.
#[derive(Clone, Copy, Debug)]
pub struct StopCacheVersioning<'a>(pub &'a str);

impl Operation for StartCacheVersioning<'_> {
    fn apply(&self, versions: &Versions) -> Result<bool> {
        versions.start(self.0)
    }

    fn revert(&self, versions: &Versions) -> Result<bool> {
        versions.stop(self.0)
    }
}

impl Operation for StopCacheVersioning<'_> {
    fn apply(&self, versions: &Versions) -> Result<bool> {
        versions.stop(self.0)
    }

    fn revert(&self, versions: &Versions) -> Result<bool> {
        versions.start(self.0)
    }
}

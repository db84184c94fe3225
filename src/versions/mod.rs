//! Named cache versions: a name and its version, kept in a database, so that one cheap change makes every entry that
//! carries the version before unreachable, in every process at once.
//!
//! ```
//! # fn main() -> cachemere::Result<()> {
//! # let toml = "[DATABASES]\ndefault = 'sqlite::memory:'\n[CACHES.default]\nBACKEND = 'locmem'";
//! # let caches = cachemere::Caches::from_toml(toml)?;
//! let versions = caches.versions();
//! versions.start("bans")?; // once, in a migration
//!
//! let bans = caches["default"].version(versions.get("bans")?);
//! bans.set("user:1", "banned", None)?; // the key is `:1a2B3c4D:user:1`
//!
//! versions.invalidate(["bans"])?;
//! let bans = caches["default"].version(versions.get("bans")?);
//! assert_eq!(bans.get::<String>("user:1")?, None);
//! # Ok(())
//! # }
//! ```
//!
//! # Three levels
//!
//! A [`Snapshot`] is the map of one request. It comes from the copy in the cache that `[VERSIONS]` names as CACHE, in one
//! look-up, and where there is none from the database. Without CACHE, each snapshot is one query.
//!
//! # The copy
//!
//! The cache has two entries: a token, and the map with the token that was there before the map was loaded.
//!
//! 1. A reader takes both at once. If the tokens are the same, the map holds.
//! 2. Else it makes sure that there is a token, loads the map from the database, and stores it with that token.
//! 3. Who changes versions commits to the database first, and then stores another token, at random, before it returns.
//!
//! So a map that was loaded before a change and is stored late has a token that is no more: it does not hold. A cache that
//! lost the token, or everything, gets a new one, with which no map from before holds. Nothing needs clocks or locks.
//!
//! **The bound:** once `invalidate` has returned, no snapshot has the version before. A copy lives 30 seconds: that is how
//! long an old one may be read if the cache could not be told, because the process died between commit and token, or
//! because the cache was out of reach, which is an error (or a logged one, by the ON_ERROR of the alias); by other processes if
//! the cache is of one process only (`locmem`); and from replicas of the cache as long as they lag.
//!
//! With the feature `http`, `CacheVersionsLayer` gives each request a snapshot of its own, looked up when it is first read.
//!
//! # The examples of Misago's documentation
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cachemere::{Caches, versions::{Operation, StartCacheVersioning, StopCacheVersioning}};
//!
//! // a cache for this alone, beside that of the site
//! let caches = Caches::from_toml(r#"
//!     [VERSIONS]
//!     CACHE = "misago"
//!     KIND = "counting"
//!
//!     [DATABASES]
//!     default = "sqlite::memory:"
//!
//!     [CACHES.default]
//!     BACKEND = "locmem"
//!
//!     [CACHES.misago]
//!     BACKEND = "locmem"
//!     LOCATION = "misago"
//! "#)?;
//! let misago = caches.get_or_default("misago"); // `default`, if `misago` is not configured
//!
//! // a migration: starts versioning, and stops it
//! let versions = caches.versions();
//! StartCacheVersioning("misago_bans").apply(&versions)?;
//! StartCacheVersioning("my_cache").apply(&versions)?;
//! StopCacheVersioning("my_cache").apply(&versions)?;
//!
//! // what was made for a version is checked against that of now
//! struct Ban {
//!     version: cachemere::Version,
//! }
//! let ban = Ban { version: versions.get("misago_bans")? };
//! if !versions.is_valid("misago_bans", &ban.version)? {
//!     return Err("ban was set before cache got invalidated and needs to be re-checked!".into());
//! }
//!
//! // or it is stored with the version in its key
//! let request = versions.snapshot()?; // once a request
//! misago.versioned(&request, "misago_bans")?.set("user:1", "banned", None)?;
//!
//! // invalidates "misago_bans" after creating a new ban
//! versions.invalidate(["misago_bans"])?;
//! assert!(!versions.is_valid("misago_bans", &ban.version)?);
//!
//! // invalidates all; `cachemere invalidateversionedcaches` does the same
//! versions.invalidate_all()?;
//! # Ok(())
//! # }
//! ```

mod assertion;
mod asynchronous;
mod copy;
mod operations;
#[cfg(feature = "http")]
mod request;
mod snapshot;
mod table;
#[expect(
    clippy::module_inception,
    reason = "the folder is the concept, the file its type"
)]
mod versions;

pub use operations::{Operation, StartCacheVersioning, StopCacheVersioning};
#[cfg(feature = "http")]
pub use request::{CacheVersions, CacheVersionsLayer, RequestVersions};
pub use snapshot::Snapshot;
pub use versions::Versions;

//! The versions of a request: a tower layer puts them into its extensions.

mod layer;
mod once;

pub use layer::{CacheVersions, CacheVersionsLayer};

use std::{fmt, future::Future, sync::Arc};

use cachemere_base::Result;

use self::once::Once;
use super::{Snapshot, Versions};
use crate::Version;

/// The versions of one request, looked up once, when somebody asks for the first of them.
///
/// [`CacheVersionsLayer`] puts it into the request's extensions. A clone is of the same request.
#[derive(Clone)]
pub struct RequestVersions {
    versions: Versions,
    snapshot: Arc<Once<Snapshot>>,
}

impl RequestVersions {
    /// For a request that has no extensions.
    #[must_use]
    pub fn new(versions: Versions) -> Self {
        let snapshot = Arc::default();
        Self { versions, snapshot }
    }

    /// The versions of all names, as of the first call.
    ///
    /// # Errors
    /// As [`Versions::snapshot`]; the next call tries again.
    pub fn snapshot(&self) -> Result<&Snapshot> {
        self.snapshot.get_or_try_init(|| self.versions.snapshot())
    }

    /// [`snapshot`](Self::snapshot), asynchronously.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn asnapshot(&self) -> impl Future<Output = Result<Snapshot>> + Send + use<> {
        let Self { versions, snapshot } = self.clone();
        async move {
            let snapshot = snapshot.aget_or_try_init(|| versions.asnapshot()).await?;
            Ok(snapshot.clone())
        }
    }

    /// The version of a name.
    ///
    /// # Errors
    /// As [`Versions::get`].
    pub fn get(&self, name: &str) -> Result<&Version> {
        self.snapshot()?.get(name)
    }

    /// [`get`](Self::get), asynchronously.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn aget(&self, name: &str) -> impl Future<Output = Result<Version>> + Send + use<> {
        let (name, snapshot) = (name.to_owned(), self.asnapshot());
        async move { snapshot.await?.get(&name).cloned() }
    }
}

impl fmt::Debug for RequestVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestVersions")
            .field(&self.snapshot.get())
            .finish()
    }
}

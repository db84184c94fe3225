use cachemere_base::Error;

/// Why a fragment in a template is not rendered.
pub(super) enum Failure<E> {
    /// The cache: an alias that is not configured, a key that the store refuses.
    Cache(Error),
    /// The engine, in the body.
    Body(E),
}

impl<E> From<Error> for Failure<E> {
    fn from(error: Error) -> Self {
        Self::Cache(error)
    }
}

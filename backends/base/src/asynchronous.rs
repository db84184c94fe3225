use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::{Backend, Key, Remaining, Result, Ttl, Value, unblock, unblock_within};

/// A future in a box, as object-safe asynchronous traits return them.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How the asynchronous API reaches a store.
#[derive(Clone, Copy)]
pub enum Asynchrony<'a> {
    /// The store never waits: the blocking methods are called where the future is polled.
    Inline,
    /// The store has an asynchronous client.
    Native(&'a dyn AsyncBackend),
    /// The store blocks: its methods are called on a bounded pool of threads.
    Bridged,
    /// The store blocks, and waits for servers: the same, on another pool, and who waits longer than this for a thread gets
    /// an error.
    BridgedWithin(Duration),
}

impl fmt::Debug for Asynchrony<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inline => "Inline",
            Self::Native(_) => "Native",
            Self::Bridged => "Bridged",
            Self::BridgedWithin(_) => "BridgedWithin",
        })
    }
}

/// The asynchronous methods of a store whose client is natively asynchronous: each means what its blocking twin in
/// [`Backend`] means.
///
/// - Outside of the runtime that the client needs, a method is an error, not a panic.
/// - Dropping a future leaves no connection in a state in which it could give a wrong answer.
#[expect(missing_docs, reason = "documented on `Backend`")]
pub trait AsyncBackend: Send + Sync {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Value>>>;
    fn set<'a>(&'a self, key: &'a Key, value: Value, ttl: Ttl) -> BoxFuture<'a, Result<()>>;
    fn add<'a>(&'a self, key: &'a Key, value: Value, ttl: Ttl) -> BoxFuture<'a, Result<bool>>;
    fn touch<'a>(&'a self, key: &'a Key, ttl: Ttl) -> BoxFuture<'a, Result<bool>>;
    fn delete<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<bool>>;
    fn incr<'a>(&'a self, key: &'a Key, delta: i64) -> BoxFuture<'a, Result<Option<i64>>>;
    fn clear(&self) -> BoxFuture<'_, Result<()>>;
    fn has_key<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<bool>>;
    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Value>>>>;
    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> BoxFuture<'_, Result<Vec<usize>>>;
    fn delete_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<()>>;
    fn get_for_update<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Value>>>;
    fn get_with_ttl<'a>(
        &'a self,
        key: &'a Key,
    ) -> BoxFuture<'a, Result<Option<(Value, Remaining)>>>;
    fn close(&self) -> BoxFuture<'_, Result<()>>;
}

/// A backend, reached in both ways: the blocking methods by [`Deref`](std::ops::Deref), the asynchronous ones with `a`
/// before their name, whatever the store's [`Asynchrony`].
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Backend>);

macro_rules! asynchronous {
    ($($twin:ident = $verb:ident($($by_ref:ident: $ref_type:ty),*; $($by_value:ident: $type:ty),*) -> $output:ty;)*) => {
        $(
            #[doc = concat!("[`Backend::", stringify!($verb), "`], asynchronously.")]
            #[allow(clippy::missing_errors_doc, reason = "documented on `Backend`")]
            pub async fn $twin(&self, $($by_ref: $ref_type,)* $($by_value: $type),*) -> Result<$output> {
                match self.0.asynchronous() {
                    Asynchrony::Inline => self.0.$verb($(&$by_ref,)* $($by_value),*),
                    Asynchrony::Native(native) => native.$verb($(&$by_ref,)* $($by_value),*).await,
                    Asynchrony::Bridged => {
                        let backend = Arc::clone(&self.0);
                        unblock(move || backend.$verb($(&$by_ref,)* $($by_value),*)).await
                    }
                    Asynchrony::BridgedWithin(limit) => {
                        let backend = Arc::clone(&self.0);
                        let call = move || backend.$verb($(&$by_ref,)* $($by_value),*);
                        unblock_within(limit, call).await
                    }
                }
            }
        )*
    };
}

impl Store {
    /// Wraps a backend.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self(backend)
    }

    asynchronous! {
        aget = get(key: Key;) -> Option<Value>;
        aset = set(key: Key; value: Value, ttl: Ttl) -> ();
        aadd = add(key: Key; value: Value, ttl: Ttl) -> bool;
        atouch = touch(key: Key; ttl: Ttl) -> bool;
        adelete = delete(key: Key;) -> bool;
        aincr = incr(key: Key; delta: i64) -> Option<i64>;
        aclear = clear(;) -> ();
        ahas_key = has_key(key: Key;) -> bool;
        aget_many = get_many(keys: Vec<Key>;) -> Vec<Option<Value>>;
        aset_many = set_many(; entries: Vec<(Key, Value)>, ttl: Ttl) -> Vec<usize>;
        adelete_many = delete_many(keys: Vec<Key>;) -> ();
        aget_for_update = get_for_update(key: Key;) -> Option<Value>;
        aget_with_ttl = get_with_ttl(key: Key;) -> Option<(Value, Remaining)>;
        aclose = close(;) -> ();
    }
}

impl std::ops::Deref for Store {
    type Target = dyn Backend;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}

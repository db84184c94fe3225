use std::{fmt::Debug, path::PathBuf};

use crate::{Asynchrony, Backend, Key, KeyCheck, Remaining, Result, Ttl, Value};

/// A backend that is another one in all but the methods it replaces.
///
/// A wrapper that changes what is stored replaces every method that reads or writes a value: `get`, `get_for_update`,
/// `get_with_ttl`, `get_many`, `set`, `add`, `set_many`. To call the wrapped store, bring [`Backend`] into scope.
///
/// Every method goes to [`inner`](Self::inner) until it is written out. The asynchronous API calls these same methods,
/// on the pool of blocking threads unless the inner store never waits; where only [`check_key`](Self::check_key) or
/// [`notes`](Self::notes) is replaced, let [`asynchronous`](Self::asynchronous) return the inner store's to keep a
/// native client.
///
/// ```
/// use cachemere_base::{Backend, Key, KeyCheck, Wrap};
///
/// /// Takes any key without a warning.
/// #[derive(Debug)]
/// struct AnyKey<B>(B);
///
/// impl<B: Backend> Wrap for AnyKey<B> {
///     type Inner = B;
///
///     fn inner(&self) -> &B {
///         &self.0
///     }
///
///     fn check_key(&self, _: &Key) -> KeyCheck {
///         KeyCheck::Good
///     }
/// }
/// ```
#[expect(
    missing_docs,
    clippy::missing_errors_doc,
    reason = "documented on `Backend`"
)]
pub trait Wrap: Debug + Send + Sync + 'static {
    /// The wrapped store.
    type Inner: Backend;

    /// The wrapped store.
    fn inner(&self) -> &Self::Inner;

    fn get(&self, key: &Key) -> Result<Option<Value>> {
        self.inner().get(key)
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        self.inner().set(key, value, ttl)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        self.inner().add(key, value, ttl)
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        self.inner().touch(key, ttl)
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        self.inner().delete(key)
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.inner().incr(key, delta)
    }

    fn clear(&self) -> Result<()> {
        self.inner().clear()
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        self.inner().has_key(key)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        self.inner().get_many(keys)
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        self.inner().set_many(entries, ttl)
    }

    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        self.inner().delete_many(keys)
    }

    fn get_for_update(&self, key: &Key) -> Result<Option<Value>> {
        self.inner().get_for_update(key)
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        self.inner().get_with_ttl(key)
    }

    fn close(&self) -> Result<()> {
        self.inner().close()
    }

    fn check_key(&self, key: &Key) -> KeyCheck {
        self.inner().check_key(key)
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        match self.inner().asynchronous() {
            Asynchrony::Native(_) => Asynchrony::Bridged,
            blocking => blocking,
        }
    }

    fn stores_nothing(&self) -> bool {
        self.inner().stores_nothing()
    }

    fn is_lasting(&self) -> bool {
        self.inner().is_lasting()
    }

    fn identity(&self) -> usize {
        self.inner().identity()
    }

    fn folder(&self) -> Option<PathBuf> {
        self.inner().folder()
    }

    fn servers(&self) -> Result<Vec<String>> {
        self.inner().servers()
    }

    fn notes(&self) -> Vec<String> {
        self.inner().notes()
    }
}

macro_rules! delegate {
    ($($verb:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        $(fn $verb(&self, $($argument: $type),*) -> $output {
            Wrap::$verb(self, $($argument),*)
        })*
    };
}

impl<W: Wrap> Backend for W {
    delegate! {
        get(key: &Key) -> Result<Option<Value>>;
        set(key: &Key, value: Value, ttl: Ttl) -> Result<()>;
        add(key: &Key, value: Value, ttl: Ttl) -> Result<bool>;
        touch(key: &Key, ttl: Ttl) -> Result<bool>;
        delete(key: &Key) -> Result<bool>;
        incr(key: &Key, delta: i64) -> Result<Option<i64>>;
        clear() -> Result<()>;
        has_key(key: &Key) -> Result<bool>;
        get_many(keys: &[Key]) -> Result<Vec<Option<Value>>>;
        set_many(entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>>;
        delete_many(keys: &[Key]) -> Result<()>;
        get_for_update(key: &Key) -> Result<Option<Value>>;
        get_with_ttl(key: &Key) -> Result<Option<(Value, Remaining)>>;
        close() -> Result<()>;
        check_key(key: &Key) -> KeyCheck;
        asynchronous() -> Asynchrony<'_>;
        stores_nothing() -> bool;
        is_lasting() -> bool;
        identity() -> usize;
        folder() -> Option<PathBuf>;
        servers() -> Result<Vec<String>>;
        notes() -> Vec<String>;
    }
}

use std::{any::type_name, fmt, panic::Location, sync::Arc};

use cachemere_base::{Backend, Context, Error, Open, Result, Settings};
use figment::value::Value;
use serde::Deserialize;

use crate::{
    Version,
    config::{Fields, Shape},
};

/// Makes the final key of a key: `(key, prefix, version) -> final key`.
pub type KeyFunction = Arc<dyn Fn(&str, &str, &Version) -> String + Send + Sync>;

/// What Django calls the function that makes final keys where KEY_FUNCTION is left out.
pub(crate) const DEFAULT_KEY_FUNCTION: &str = "django.core.cache.backends.base.default_key_func";

/// What is built in: the one list of it.
fn built_in(registry: &mut Registry) {
    #[cfg(feature = "db")]
    registry.add_backend::<cachemere_db::Db>();
    registry.add_backend::<cachemere_dummy::Dummy>();
    registry.add_backend::<cachemere_file::File>();
    registry.add_backend::<cachemere_locmem::LocMem>();
    #[cfg(feature = "memcached")]
    registry.add_backend::<cachemere_memcached::Memcached>();
    #[cfg(feature = "redis")]
    registry.add_backend::<cachemere_redis::Redis>();
}

/// The stores that a feature adds: the feature is the first name.
const BY_FEATURE: [&[&str]; 3] = [
    &["db", "django.core.cache.backends.db.DatabaseCache"],
    &["redis", "django.core.cache.backends.redis.RedisCache"],
    &[
        "memcached",
        "django.core.cache.backends.memcached.PyMemcacheCache",
        "django.core.cache.backends.memcached.PyLibMCCache",
        "django.core.cache.backends.memcached.MemcachedCache",
    ],
];

/// The backends and key functions that a configuration can name.
#[derive(Clone)]
pub(crate) struct Registry {
    backends: Vec<Entry<Opener>>,
    key_functions: Vec<Entry<KeyFunction>>,
}

#[derive(Clone)]
struct Entry<T> {
    name: String,
    place: String,
    value: T,
}

impl Registry {
    /// What is built in and what `register_backend!` and `register_key_function!` registered.
    pub(crate) fn new() -> Self {
        let mut registry = Self::empty();
        built_in(&mut registry);
        for linked in inventory::iter::<link::LinkedBackend> {
            let place = format!("{}:{}", linked.file, linked.line);
            registry.push_backend(linked.path, place, linked.opener);
        }
        for linked in inventory::iter::<link::LinkedKeyFunction> {
            registry.key_functions.push(Entry {
                name: linked.path.to_owned(),
                place: format!("{}:{}", linked.file, linked.line),
                value: Arc::new(linked.function),
            });
        }
        registry
    }

    pub(crate) fn empty() -> Self {
        Self {
            backends: Vec::new(),
            key_functions: Vec::new(),
        }
    }

    /// Adds a backend under its own names.
    #[track_caller]
    pub(crate) fn add_backend<B: Open>(&mut self) {
        let place = Location::caller().to_string();
        for name in B::NAMES {
            self.push_backend(name, place.clone(), Opener::of::<B>());
        }
    }

    /// Adds a backend under a dotted path.
    #[track_caller]
    pub(crate) fn add_backend_as<B: Open>(&mut self, path: &str) {
        self.push_backend(path, Location::caller().to_string(), Opener::of::<B>());
    }

    /// Adds a key function under a dotted path.
    #[track_caller]
    pub(crate) fn add_key_function(
        &mut self,
        path: &str,
        function: impl Fn(&str, &str, &Version) -> String + Send + Sync + 'static,
    ) {
        self.key_functions.push(Entry {
            name: path.to_owned(),
            place: Location::caller().to_string(),
            value: Arc::new(function),
        });
    }

    fn push_backend(&mut self, name: &str, place: String, value: Opener) {
        self.backends.push(Entry {
            name: name.to_owned(),
            place,
            value,
        });
    }

    pub(crate) fn backend(&self, name: &str) -> Option<Opener> {
        find(&self.backends, name).copied()
    }

    pub(crate) fn openers(&self) -> impl Iterator<Item = Opener> {
        self.backends.iter().map(|entry| entry.value)
    }

    /// The options of all backends.
    pub(crate) fn fields(&self) -> Vec<&'static str> {
        let fields = self.openers().filter_map(|opener| opener.fields(&[]));
        let mut fields: Vec<_> = fields.flatten().copied().collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    pub(crate) fn key_function(&self, name: &str) -> Option<KeyFunction> {
        find(&self.key_functions, name).cloned()
    }

    pub(crate) fn backend_names(&self) -> Vec<&str> {
        names(&self.backends)
    }

    /// The names to show: without Django's, which go without saying.
    pub(crate) fn shown_backend_names(&self) -> Vec<&str> {
        let mut names = self.backend_names();
        names.retain(|name| !name.starts_with("django."));
        names.sort_unstable();
        names
    }

    pub(crate) fn key_function_names(&self) -> Vec<&str> {
        names(&self.key_functions)
    }

    /// The feature that would add this backend, if it is one that is not compiled in.
    pub(crate) fn missing_feature(&self, name: &str) -> Option<&'static str> {
        let mut families = BY_FEATURE.iter().filter(|names| names.contains(&name));
        families.next()?.first().copied()
    }

    /// Names that are there twice, with the two places.
    pub(crate) fn duplicates(&self) -> Vec<(&str, &str, &str)> {
        let mut duplicates = duplicates(&self.backends);
        duplicates.extend(self::duplicates(&self.key_functions));
        duplicates
    }
}

fn find<'a, T>(entries: &'a [Entry<T>], name: &str) -> Option<&'a T> {
    let entry = entries.iter().find(|entry| entry.name == name)?;
    Some(&entry.value)
}

fn names<T>(entries: &[Entry<T>]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

fn duplicates<T>(entries: &[Entry<T>]) -> Vec<(&str, &str, &str)> {
    let pairs = entries.iter().enumerate().filter_map(|(index, entry)| {
        let mut earlier = entries[..index].iter();
        let earlier = earlier.find(|other| other.name == entry.name)?;
        Some((
            entry.name.as_str(),
            earlier.place.as_str(),
            entry.place.as_str(),
        ))
    });
    pairs.collect()
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("backends", &self.backend_names())
            .field("key_functions", &self.key_function_names())
            .finish()
    }
}

type Opens = fn(&Settings, &Value, &Context) -> Result<Arc<dyn Backend>>;

/// How a backend is made, without its type.
#[derive(Clone, Copy)]
pub struct Opener {
    shape: Shape,
    open: Opens,
    open_django: Opens,
    name: fn() -> &'static str,
}

impl Opener {
    #[doc(hidden)]
    #[must_use]
    pub const fn of<B: Open>() -> Self {
        Self {
            shape: Shape::of::<B::Options>(),
            open: |settings, options, context| {
                Ok(Arc::new(B::open(
                    settings,
                    fitting::<B>(options)?,
                    context,
                )?))
            },
            open_django: |settings, options, context| {
                B::open_django(settings, fitting::<B>(options)?, context)
            },
            name: type_name::<B>,
        }
    }

    /// What OPTIONS must be.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    pub(crate) fn fields(&self, path: &[String]) -> Option<Fields> {
        self.shape.fields(path)
    }

    /// The backend, for entries of our own or for those of a Django site.
    pub(crate) fn open(
        &self,
        is_django: bool,
        settings: &Settings,
        options: &Value,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        let open = if is_django {
            self.open_django
        } else {
            self.open
        };
        open(settings, options, context)
    }
}

fn fitting<B: Open>(options: &Value) -> Result<B::Options> {
    B::Options::deserialize(options)
        .map_err(|error| Error::setting("OPTIONS", "do not fit the backend").with_source(error))
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({})", (self.name)())
    }
}

/// What the registering macros expand to.
#[doc(hidden)]
pub mod link {
    pub use inventory::submit;

    pub use super::Opener;
    use crate::Version;

    /// A backend that `register_backend!` registered.
    #[derive(Debug)]
    pub struct LinkedBackend {
        pub path: &'static str,
        pub opener: Opener,
        pub file: &'static str,
        pub line: u32,
    }

    /// A key function that `register_key_function!` registered.
    #[derive(Debug)]
    pub struct LinkedKeyFunction {
        pub path: &'static str,
        pub function: fn(&str, &str, &Version) -> String,
        pub file: &'static str,
        pub line: u32,
    }

    inventory::collect!(LinkedBackend);
    inventory::collect!(LinkedKeyFunction);
}

/// Registers a backend under the dotted path that `BACKEND` says, when the program is linked.
///
/// - The type implements [`Open`](cachemere_base::Open); `BACKEND = "myapp.cache.Mine"` then opens it.
/// - A crate that nothing of the program mentions is not linked, and what it registers is not there.
/// - Two registrations of one path are an error when a configuration is loaded.
///
/// ```
/// use cachemere::{Caches, backends::LocMem, register_backend};
///
/// register_backend!("myapp.cache.Mine", LocMem);
///
/// # fn main() -> cachemere::Result<()> {
/// let text = "[CACHES.default]\nBACKEND = 'myapp.cache.Mine'";
/// let caches = Caches::builder().toml(text).build()?;
/// # drop(caches);
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! register_backend {
    ($path:literal, $backend:ty) => {
        $crate::__link::submit! {
            $crate::__link::LinkedBackend {
                path: $path,
                opener: $crate::__link::Opener::of::<$backend>(),
                file: ::core::file!(),
                line: ::core::line!(),
            }
        }
    };
}

/// Registers a key function under the dotted path that `KEY_FUNCTION` says, when the program is linked.
///
/// - The function makes the final key of a key: `fn(key: &str, prefix: &str, version: &Version) -> String`.
/// - A crate that nothing of the program mentions is not linked, and what it registers is not there.
/// - Two registrations of one path are an error when a configuration is loaded.
///
/// ```
/// use cachemere::{Version, register_key_function};
///
/// fn make_key(key: &str, prefix: &str, version: &Version) -> String {
///     format!("{prefix}/{version}/{key}")
/// }
/// register_key_function!("myapp.keys.make_key", make_key);
/// ```
#[macro_export]
macro_rules! register_key_function {
    ($path:literal, $function:expr) => {
        $crate::__link::submit! {
            $crate::__link::LinkedKeyFunction {
                path: $path,
                function: $function,
                file: ::core::file!(),
                line: ::core::line!(),
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linked(key: &str, _: &str, _: &Version) -> String {
        key.to_uppercase()
    }

    register_key_function!("tests.registry.linked", linked);
    register_backend!("tests.registry.Mine", cachemere_locmem::LocMem);

    #[test]
    fn what_is_registered_at_link_time_is_there() {
        let registry = Registry::new();
        let function = registry.key_function("tests.registry.linked").unwrap();
        assert_eq!(function("k", "p", &1.into()), "K");
        assert!(registry.backend("tests.registry.Mine").is_some());
    }

    #[test]
    fn what_is_built_in_has_its_short_name_and_djangos() {
        let registry = Registry::new();
        for name in [
            "dummy",
            "file",
            "locmem",
            "django.core.cache.backends.dummy.DummyCache",
            "django.core.cache.backends.filebased.FileBasedCache",
            "django.core.cache.backends.locmem.LocMemCache",
        ] {
            assert!(registry.backend(name).is_some(), "{name}");
        }
        assert!(registry.duplicates().is_empty());
    }

    #[test]
    fn a_second_registration_names_both_places() {
        let mut registry = Registry::new();
        registry.add_key_function("tests.registry.linked", linked);
        let [(name, first, second)] = registry.duplicates()[..] else {
            panic!("one duplicate")
        };
        assert_eq!(name, "tests.registry.linked");
        assert!(first.starts_with(file!()) && second.starts_with(file!()));
    }
}

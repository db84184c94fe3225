use cachemere_base::{Error, ErrorKind, Result, Shown};
use md5::{Digest, Md5};
use serde::Serialize;

use super::text::Texts;
use crate::{Cache, django::Django};

impl Cache {
    /// The key of a cached fragment, to invalidate or to overwrite it: the same as Django's.
    ///
    /// - `vary_on` has the values that tell copies of the fragment apart, in the order of the tag: an array, a `Vec`, a
    ///   tuple of different types; anything that serializes as a sequence. `()` and `None` are no values, and what is no
    ///   sequence is the one value.
    /// - A value counts by its text, and that is Python's: `None`, `True`, `1.5`, `1e+16`, `['a', 1]`.
    /// - The digest is that of Django 6.1, in which different values never meet; with `OPTIONS.DJANGO = "5.2"` or `"6.0"`
    ///   that of before, in which `["a:", "b"]` and `["a", ":b"]` do.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// # let cache = &caches["default"];
    /// # let username = "alice";
    /// # caches.fragment("sidebar").vary_on([username]).timeout(500).render(|| "…".to_owned())?;
    /// // the key of {% cache 500 sidebar username %}
    /// let key = cache.make_template_fragment_key("sidebar", [username])?;
    /// assert!(cache.delete(&key)?); // invalidates the cached fragment
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Encode`](ErrorKind::Encode) if a value refuses to be serialized.
    pub fn make_template_fragment_key(
        &self,
        fragment_name: &str,
        vary_on: impl Serialize,
    ) -> Result<String> {
        let texts = Texts::of(vary_on).map_err(|refused| {
            let name = Shown::new(fragment_name);
            let message =
                format!("a value that fragment {name} varies on cannot be serialized: {refused}");
            self.handle.named(Error::new(ErrorKind::Encode, message))
        })?;
        let digest = digest(self.handle.alias.django, &texts);
        Ok(format!("template.cache.{fragment_name}.{digest:032x}"))
    }
}

fn digest(django: Django, texts: &Texts) -> u128 {
    let mut digest = Md5::new();
    for text in texts.iter() {
        if django.takes_netstrings() {
            digest.update(itoa::Buffer::new().format(text.len()));
            digest.update(":");
            digest.update(text);
            digest.update(",");
        } else {
            digest.update(text);
            digest.update(":");
        }
    }
    u128::from_be_bytes(digest.finalize().into())
}

use std::future::Future;

use cachemere_base::{DEFAULT_TIMEOUT, Error, Result, Timeout};
use serde::Serialize;

use crate::{Cache, Caches, Global, get_or_set::Inner};

/// The alias for fragments, if it is configured.
const TEMPLATE_FRAGMENTS: &str = "template_fragments";

/// A part of a page that is rendered once and kept: what `{% cache %}` is in every template engine.
///
/// - It lives in the alias [`using`](Self::using), else in `template_fragments` if that is configured, else in `default`.
/// - On a hit, `body` does not run; an empty text is a hit. On a miss it runs once in this process for all who miss it at
///   the same time, as with [`get_or_set`](Cache::get_or_set). Fragments may lie in one another; of one in itself, what is
///   outside is kept.
/// - A body that fails stores nothing.
/// - A fault of the store never fails a fragment, whatever ON_ERROR says: it is logged and counted, and the body runs.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let caches = cachemere::Caches::from_toml("")?;
/// let username = "alice";
/// let sidebar = caches
///     .fragment("sidebar")
///     .vary_on([username])
///     .timeout(500)
///     .render(|| format!("<p>Hello, {username}!</p>"))?;
/// assert_eq!(sidebar, "<p>Hello, alice!</p>");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fragment does nothing until it is rendered"]
pub struct Fragment<'a, V = ()> {
    caches: Result<&'a Caches>,
    name: &'a str,
    vary_on: V,
    timeout: Timeout,
    using: Option<&'a str>,
}

impl Caches {
    /// A fragment of a template, by its name.
    pub fn fragment<'a>(&'a self, name: &'a str) -> Fragment<'a> {
        Fragment::new(Ok(self), name)
    }
}

impl Global {
    /// A fragment of a template, by its name. A configuration that cannot be loaded is an error when it is rendered.
    pub fn fragment<'a>(&'a self, name: &'a str) -> Fragment<'a> {
        Fragment::new(self.load(), name)
    }
}

impl<'a> Fragment<'a> {
    fn new(caches: Result<&'a Caches>, name: &'a str) -> Self {
        Self {
            caches,
            name,
            vary_on: (),
            timeout: DEFAULT_TIMEOUT,
            using: None,
        }
    }
}

impl<'a, V: Serialize> Fragment<'a, V> {
    /// The values that tell copies of this fragment apart: see
    /// [`make_template_fragment_key`](Cache::make_template_fragment_key).
    pub fn vary_on<W: Serialize>(self, vary_on: W) -> Fragment<'a, W> {
        Fragment {
            caches: self.caches,
            name: self.name,
            vary_on,
            timeout: self.timeout,
            using: self.using,
        }
    }

    /// How long it is kept: seconds, a `Duration`, `None` for ever; otherwise as long as the alias says.
    pub fn timeout(self, timeout: impl Into<Timeout>) -> Self {
        let timeout = timeout.into();
        Self { timeout, ..self }
    }

    /// The alias it lives in.
    pub fn using(self, alias: &'a str) -> Self {
        let using = Some(alias);
        Self { using, ..self }
    }

    /// The text of the fragment: what is stored, else what `body` makes.
    ///
    /// # Errors
    /// [`UnknownAlias`](crate::ErrorKind::UnknownAlias) for an alias that is not configured, and those of a key that the
    /// store refuses or a value that cannot be serialized; never a fault of the store.
    pub fn render(self, body: impl FnOnce() -> String) -> Result<String> {
        self.try_render(|| Ok(body()))
    }

    /// [`render`](Self::render) with a body that may fail: its error is returned, and nothing is stored.
    ///
    /// # Errors
    /// The body's own, and those of `render`.
    pub fn try_render<E: From<Error>>(
        self,
        body: impl FnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        let (cache, key) = self.place()?;
        cache.compute(&key, body, self.timeout, Inner::IsReplaced)
    }

    /// [`render`](Self::render), asynchronously: `body` returns a future.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// # pollster::block_on(async {
    /// let sidebar = caches.fragment("sidebar").timeout(500).arender(async || "…".to_owned()).await?;
    /// assert_eq!(sidebar, "…");
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn arender<F, Fut>(
        self,
        body: F,
    ) -> impl Future<Output = Result<String>> + Send + use<V, F, Fut>
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = String> + Send,
    {
        self.atry_render(move || {
            let text = body();
            async move { Ok(text.await) }
        })
    }

    /// [`try_render`](Self::try_render), asynchronously: `body` returns a future.
    ///
    /// # Errors
    /// As [`try_render`](Self::try_render).
    pub fn atry_render<E, F, Fut>(
        self,
        body: F,
    ) -> impl Future<Output = Result<String, E>> + Send + use<V, E, F, Fut>
    where
        E: From<Error> + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<String, E>> + Send,
    {
        let rendered = self
            .place()
            .map(|(cache, key)| cache.acompute(&key, body, self.timeout, Inner::IsReplaced));
        async move { rendered?.await }
    }

    /// Where it is kept.
    pub(super) fn place(&self) -> Result<(Cache, String)> {
        let caches = self.caches.clone()?;
        let cache = match self.using {
            Some(alias) => caches.get(alias)?,
            None => caches.get_or_default(TEMPLATE_FRAGMENTS),
        };
        let key = cache.make_template_fragment_key(self.name, &self.vary_on)?;
        Ok((cache.forgiving(), key))
    }
}

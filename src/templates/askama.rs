//! The filter `cached` for askama.
//!
//! ```text
//! {% filter cached(500, "sidebar", (user.name, page)) %} … {% endfilter %}
//! {% filter cached(timeout, "footer", (), using = "local") %} … {% endfilter %}
//! ```
//!
//! - The timeout first: seconds, a `Duration`, an `Option` of them, or a [`Timeout`] such as `Timeout::Never`.
//! - Then the name, and the values that tell copies apart: a tuple or a list; `()` if there are none.
//! - `using` names the alias.
//! - It is a filter of the template's module `filters`, as askama wants it: `mod filters { pub use
//!   cachemere::templates::askama::cached; }`.
//! - The caches are those of `render_with_values(&caches)`, or its value `caches` if it has others too; with `render()`
//!   they are those of the process.

use std::{
    any::Any,
    fmt::{self, Display, Write},
    time::Duration,
};

use ::askama::{Error, Result, Values, filters::Safe, get_value};
use cachemere_base::Timeout;
use serde::Serialize;

use super::failure::Failure;
use crate::{Caches, caches};

/// Renders the block once and keeps it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use askama::Template;
///
/// mod filters {
///     pub use cachemere::templates::askama::cached;
/// }
///
/// #[derive(Template)]
/// #[template(ext = "html", source = "{% filter cached(500, \"sidebar\", [user]) %}Hello, {{ user }}!{% endfilter %}")]
/// struct Page<'a> {
///     user: &'a str,
/// }
///
/// # let caches = cachemere::Caches::from_toml("")?;
/// let page = Page { user: "Ada" }.render_with_values(&caches)?;
/// assert_eq!(page, "Hello, Ada!");
/// # Ok(())
/// # }
/// ```
pub use filter::cached;

/// The value of `render_with_values` that has the caches.
const CACHES: &str = "caches";

#[expect(missing_docs, reason = "the macro drops them: they are above")]
mod filter {
    use super::*;

    #[::askama::filter_fn]
    pub fn cached<B: Display, T: AsTimeout, V: Serialize>(
        body: B,
        values: &dyn Values,
        timeout: T,
        name: &str,
        vary_on: V,
        #[optional("")] using: &str,
    ) -> Result<Safe<Rendered>> {
        let timeout = timeout.as_timeout();
        super::render(&body, values, timeout, name, vary_on, using).map(Safe)
    }
}

fn render<V: Serialize>(
    body: &dyn Display,
    values: &dyn Values,
    timeout: Timeout,
    name: &str,
    vary_on: V,
    using: &str,
) -> Result<Rendered> {
    let refuse = |error: crate::Error| Error::custom(error);
    let given: &Caches = match get_value(values, CACHES) {
        Err(Error::ValueMissing) => caches.load().map_err(refuse)?,
        found => found?,
    };
    let mut fragment = given.fragment(name).vary_on(vary_on).timeout(timeout);
    if !using.is_empty() {
        fragment = fragment.using(using);
    }
    let text = fragment.try_render(|| {
        let mut text = String::new();
        match write!(text, "{body}") {
            Ok(()) => Ok(text),
            Err(error) => Err(Failure::Body(error)),
        }
    });
    match text {
        Ok(text) => Ok(Rendered(Some(text))),
        Err(Failure::Body(fmt::Error)) => Ok(Rendered(None)),
        Err(Failure::Cache(error)) => Err(refuse(error)),
    }
}

impl Values for Caches {
    /// Themselves, as `caches`.
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == CACHES).then_some(self)
    }
}

/// A rendered fragment, or none: to display that fails, and the template says why the body did.
#[derive(Debug)]
pub struct Rendered(Option<String>);

impl Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().ok_or(fmt::Error)?)
    }
}

/// What may be a timeout in a template, which has numbers and references to them.
pub trait AsTimeout {
    /// The timeout it is.
    fn as_timeout(&self) -> Timeout;
}

macro_rules! timeouts {
    ($($type:ty),*) => {
        $(impl AsTimeout for $type {
            fn as_timeout(&self) -> Timeout {
                (*self).into()
            }
        })*
    };
}

timeouts!(i32, i64, u32, u64, usize, f32, f64, Duration, Timeout);

impl<T: AsTimeout> AsTimeout for Option<T> {
    fn as_timeout(&self) -> Timeout {
        self.as_ref().map_or(Timeout::Never, T::as_timeout)
    }
}

impl<T: AsTimeout + ?Sized> AsTimeout for &T {
    fn as_timeout(&self) -> Timeout {
        T::as_timeout(self)
    }
}

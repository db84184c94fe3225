use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::{Backend, Context, Error, Result, Settings};

/// How a backend is made from settings.
///
/// Opening validates everything and does no I/O: a bad file is refused when it is loaded, a server is met at first use.
pub trait Open: Backend + Sized {
    /// What BACKEND may say: the short name first, then dotted ones.
    const NAMES: &'static [&'static str];

    /// The members of OPTIONS that are this backend's own.
    ///
    /// Derive `Deserialize` with `#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]`, without
    /// `flatten`, so that a misspelt option is refused with a suggestion; a store without options has an empty struct.
    /// Its `Debug` must not show secrets.
    type Options: DeserializeOwned;

    /// The backend of these settings.
    ///
    /// # Errors
    /// For what cannot work, made with [`Error::setting`](crate::Error::setting), which names the setting.
    fn open(settings: &Settings, options: Self::Options, context: &Context) -> Result<Self>;

    /// The backend over what a Django site keeps in this store: `OPTIONS.FORMAT = "django"`.
    ///
    /// It writes what Django reads, and removes nothing that it cannot read. By default there is none.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    fn open_django(
        settings: &Settings,
        _options: Self::Options,
        _context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        let message = format!(
            "`{}` shares nothing with Django; leave it out",
            settings.backend()
        );
        Err(Error::setting("OPTIONS.FORMAT", message))
    }
}

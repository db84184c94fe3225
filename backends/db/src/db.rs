use std::{num::NonZeroU64, sync::Arc};

#[cfg(feature = "django")]
use cachemere_base::Backend;
use cachemere_base::{
    Clock, Context, Counters, Error, ErrorKind, Expiry, Open, Result, Settings, Shown, Ttl, Value,
};

use crate::{
    Dialect, NewTable, Options,
    entry::{Asked, Draft, Found, expiry, stored},
    place::Place,
    table::{Limits, Table},
};

/// A cache in the table of a database.
///
/// - LOCATION is the name of the table.
/// - Keys may be of any length and have any characters; they are compared byte for byte.
#[derive(Debug)]
pub struct Db {
    pub(crate) place: Place,
    pub(crate) table: Arc<Table>,
    pub(crate) limits: Limits,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    alias: String,
}

impl Open for Db {
    const NAMES: &'static [&'static str] = &["db", "django.core.cache.backends.db.DatabaseCache"];

    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        let creates = |dialect| dialect == Dialect::Sqlite;
        let place = Place::new(settings, &options, context, NewTable::for_cache, creates)?;
        #[cfg(feature = "django")]
        if options.time_zone.is_some() {
            let message = "times are stored in no zone, but with FORMAT = \"django\"; leave it out";
            return Err(Error::setting("OPTIONS.TIME_ZONE", message));
        }
        let table = Table::new(place.database.dialect(), place.table())?;
        Ok(Self {
            table: context.shared(&place.identity(), || table),
            limits: Limits::new(settings, options.max_bytes.map(NonZeroU64::get)),
            clock: context.clock(),
            counters: context.counters(),
            alias: settings.alias().to_owned(),
            place,
        })
    }

    #[cfg(feature = "django")]
    fn open_django(
        settings: &Settings,
        options: Options,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        let cache = crate::django::Django::open(settings, &options, context)?;
        Ok(Arc::new(cache))
    }
}

impl Db {
    pub(crate) fn now(&self) -> i64 {
        i64::try_from(self.clock.now()).unwrap_or(i64::MAX)
    }

    /// When a lifetime that begins now ends; `None` if it is over at once.
    pub(crate) fn expires(&self, ttl: Ttl) -> Option<i64> {
        let now = self.clock.now();
        let expiry = Expiry::after(ttl, now);
        (!expiry.is_past(now)).then_some(stored(expiry))
    }

    /// The value of a row, and when it expires; `None` if it is expired or cannot be read.
    pub(crate) fn live(&self, asked: Asked<'_>, found: Option<Found>) -> Option<(Value, Expiry)> {
        let found =
            found.filter(|found| found.expires > self.now() || found.expires == i64::MAX)?;
        if found.value.is_none() {
            self.counters.count_damaged();
            let alias = self.alias.as_str();
            tracing::warn!(
                alias,
                table = self.table.names.name,
                "an entry cannot be read and is removed"
            );
            let removed = self.table.remove_unreadable(&self.place.database, asked);
            drop(removed);
        }
        Some((found.value?, expiry(found.expires)))
    }

    /// Refuses an entry that takes more than MAX_BYTES by itself.
    pub(crate) fn check(&self, draft: &Draft<'_>) -> Result<()> {
        match self.limits.max_bytes() {
            Some(max) if draft.size as u64 > max => {
                let (shown, size) = (Shown::new(draft.asked.key), draft.size);
                let message = format!("{shown} takes {size} bytes, MAX_BYTES is {max}");
                Err(Error::new(ErrorKind::TooLarge, message))
            }
            _ => Ok(()),
        }
    }
}

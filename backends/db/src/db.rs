use std::{num::NonZeroU64, sync::Arc};

use cachemere_base::{
    Clock, Context, Counters, Error, ErrorKind, Expiry, Open, Result, Settings, Shown, Ttl, Value,
};

use crate::{
    Database, Databases, Dialect, NewTable, Options, create,
    database::fault::{After, Fault},
    entry::{Asked, Draft, Found, expiry, stored},
    table::{Limits, Table},
};

/// A cache in the table of a database.
///
/// - LOCATION is the name of the table.
/// - Keys may be of any length and have any characters; they are compared byte for byte.
#[derive(Debug)]
pub struct Db {
    pub(crate) database: Database,
    pub(crate) reader: Database,
    pub(crate) table: Arc<Table>,
    pub(crate) limits: Limits,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    databases: Arc<Databases>,
    alias: String,
    auto_create: bool,
}

impl Open for Db {
    const NAMES: &'static [&'static str] = &["db", "django.core.cache.backends.db.DatabaseCache"];

    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        let databases = context.shared("", Databases::default);
        let name = settings.location()?;
        let router = databases.router();
        let asked = |question: fn(&dyn crate::CacheRouter, &str) -> Option<String>| {
            router.as_deref().and_then(|router| question(router, name))
        };
        let written = options
            .database
            .or_else(|| asked(|router, table| router.db_for_write(table)))
            .unwrap_or_else(|| "default".to_owned());
        let read = options
            .read_database
            .or_else(|| asked(|router, table| router.db_for_read(table)))
            .unwrap_or_else(|| written.clone());
        let database = databases.get(&written)?;
        let reader = databases
            .get(&read)
            .map_err(|error| Error::setting("OPTIONS.READ_DATABASE", error.message()))?;
        if reader.dialect() != database.dialect() {
            let message =
                format!("`{read}` is no replica of `{written}`: they speak different SQL");
            return Err(Error::setting("OPTIONS.READ_DATABASE", message));
        }
        let table = Table::new(database.dialect(), name)?;
        let is_embedded = database.dialect() == Dialect::Sqlite;
        databases.add_cache_table(&database, NewTable::for_cache(database.dialect(), name)?);
        Ok(Self {
            table: context.shared(&format!("{} {name}", database.identity()), || table),
            limits: Limits::new(settings, options.max_bytes.map(NonZeroU64::get)),
            clock: context.clock(),
            counters: context.counters(),
            alias: settings.alias().to_owned(),
            auto_create: options.auto_create.unwrap_or(is_embedded),
            databases,
            database,
            reader,
        })
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

    /// Runs `action`, again after the table was created, if it was missing and may be.
    pub(crate) fn on_table<T>(
        &self,
        database: &Database,
        action: impl Fn(&Database) -> Result<T, Fault>,
    ) -> Result<T> {
        match action(database) {
            Ok(output) => Ok(output),
            Err(fault) if fault.after != After::Missing => Err(fault.error),
            Err(_) if !self.auto_create => Err(create::missing(&self.table.names.name, database)),
            Err(_) => {
                let table = NewTable::for_cache(self.database.dialect(), &self.table.names.name)?;
                self.databases.create_table(&self.database, &table, false)?;
                action(database).map_err(|fault| match fault.after {
                    After::Missing => create::missing(&self.table.names.name, database),
                    _ => fault.error,
                })
            }
        }
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
            let removed = self.table.remove_unreadable(&self.database, asked);
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

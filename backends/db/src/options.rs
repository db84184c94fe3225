use std::num::NonZeroU64;

use serde::Deserialize;

/// What OPTIONS may say of a database cache, beside MAX_ENTRIES and CULL_FREQUENCY.
///
/// How many connections there are and how long anything may take belongs to the database: see
/// [`DatabaseOptions`](crate::DatabaseOptions).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub struct Options {
    /// The alias of the database: what the router says, else `default`, if left out.
    pub database: Option<String>,
    /// The alias of the database that is read from, a replica: DATABASE, if left out.
    pub read_database: Option<String>,
    /// How many bytes the keys and values of all entries may take together; no limit, if left out.
    pub max_bytes: Option<NonZeroU64>,
    /// Whether a table that is missing is created at its first use: on SQLite only, if left out; a Django site's nowhere.
    pub auto_create: Option<bool>,
    /// The zone whose time is stored beside an entry in the table of a Django site: UTC, if left out, which is right
    /// where the site has `USE_TZ = True`. Otherwise it is the TIME_ZONE of the site, or that of its database.
    #[cfg(feature = "django")]
    pub time_zone: Option<String>,
}

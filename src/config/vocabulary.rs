/// The table of aliases.
pub(super) const CACHES: &str = "CACHES";
/// The table of databases, by an alias of their own.
pub(super) const DATABASES: &str = "DATABASES";
/// The tables whose members a later document replaces, and whose keys variables set: `CACHES__ALIAS__KEY`.
pub(super) const OF_ALIASES: [&str; 2] = [CACHES, DATABASES];
/// The alias that every configuration has, and the database of those that name none.
pub(super) const DEFAULT: &str = "default";
/// The folders that a web server may serve, which a file cache must not lie in.
pub(super) const SERVED: [&str; 3] = ["MEDIA_ROOT", "STATIC_ROOT", "STATICFILES_DIRS"];
pub(super) const MIDDLEWARE_ALIAS: &str = "CACHE_MIDDLEWARE_ALIAS";
pub(super) const MIDDLEWARE_SECONDS: &str = "CACHE_MIDDLEWARE_SECONDS";
pub(super) const MIDDLEWARE_KEY_PREFIX: &str = "CACHE_MIDDLEWARE_KEY_PREFIX";
pub(super) const IGNORE_COOKIES: &str = "CACHE_MIDDLEWARE_IGNORE_COOKIES";
pub(super) const USE_I18N: &str = "USE_I18N";
pub(super) const LANGUAGE_CODE: &str = "LANGUAGE_CODE";
pub(super) const USE_TZ: &str = "USE_TZ";
pub(super) const TIME_ZONE: &str = "TIME_ZONE";
pub(super) const USE_X_FORWARDED_HOST: &str = "USE_X_FORWARDED_HOST";
pub(super) const SECURE_PROXY_SSL_HEADER: &str = "SECURE_PROXY_SSL_HEADER";
/// What a file may say above its first table, and the tables of aliases.
pub(super) const TOP_LEVEL: [&str; 16] = [
    CACHES,
    DATABASES,
    VERSIONS,
    MIDDLEWARE_ALIAS,
    MIDDLEWARE_SECONDS,
    MIDDLEWARE_KEY_PREFIX,
    IGNORE_COOKIES,
    USE_I18N,
    LANGUAGE_CODE,
    USE_TZ,
    TIME_ZONE,
    USE_X_FORWARDED_HOST,
    SECURE_PROXY_SSL_HEADER,
    SERVED[0],
    SERVED[1],
    SERVED[2],
];

/// The table of the named versions.
pub(super) const VERSIONS: &str = "VERSIONS";
pub(super) const DATABASE: &str = "DATABASE";
pub(super) const TABLE: &str = "TABLE";
pub(super) const KIND: &str = "KIND";
pub(super) const CACHE: &str = "CACHE";
/// What it may say.
pub(super) const VERSION_SETTINGS: [&str; 4] = [DATABASE, TABLE, KIND, CACHE];

/// Where a database is. A database that is a text and no table is its URL.
pub(super) const URL: &str = "URL";

pub(super) const BACKEND: &str = "BACKEND";
pub(super) const LOCATION: &str = "LOCATION";
pub(super) const TIMEOUT: &str = "TIMEOUT";
pub(super) const KEY_PREFIX: &str = "KEY_PREFIX";
pub(super) const VERSION: &str = "VERSION";
pub(super) const KEY_FUNCTION: &str = "KEY_FUNCTION";
pub(super) const OPTIONS: &str = "OPTIONS";
/// What an alias may say.
pub(super) const ALIAS: [&str; 7] = [
    BACKEND,
    LOCATION,
    TIMEOUT,
    KEY_PREFIX,
    VERSION,
    KEY_FUNCTION,
    OPTIONS,
];

pub(super) const MAX_ENTRIES: &str = "MAX_ENTRIES";
pub(super) const CULL_FREQUENCY: &str = "CULL_FREQUENCY";
pub(super) const SERIALIZER: &str = "SERIALIZER";
pub(super) const COMPRESSOR: &str = "COMPRESSOR";
pub(super) const COMPRESSOR_MIN_SIZE: &str = "COMPRESSOR_MIN_SIZE";
pub(super) const ON_ERROR: &str = "ON_ERROR";
pub(super) const IGNORE_EXC: &str = "ignore_exc";
pub(super) const KEY_WARNINGS: &str = "KEY_WARNINGS";
pub(super) const GET_OR_SET_WAIT: &str = "GET_OR_SET_WAIT";
pub(super) const DJANGO: &str = "DJANGO";
pub(super) const FORMAT: &str = "FORMAT";
/// What OPTIONS may say whatever the backend is.
pub(super) const COMMON: [&str; 11] = [
    MAX_ENTRIES,
    CULL_FREQUENCY,
    SERIALIZER,
    COMPRESSOR,
    COMPRESSOR_MIN_SIZE,
    ON_ERROR,
    IGNORE_EXC,
    KEY_WARNINGS,
    GET_OR_SET_WAIT,
    DJANGO,
    FORMAT,
];

//! The Python classes that are known by name: what a pickle calls them.

pub(crate) const INT: &str = "builtins.int";
pub(crate) const BYTEARRAY: &str = "builtins.bytearray";
pub(crate) const COMPLEX: &str = "builtins.complex";
pub(crate) const TUPLE: &str = "builtins.tuple";
pub(crate) const SET: &str = "builtins.set";
pub(crate) const FROZENSET: &str = "builtins.frozenset";
pub(crate) const ORDERED_DICT: &str = "collections.OrderedDict";
pub(crate) const DATETIME: &str = "datetime.datetime";
pub(crate) const DATE: &str = "datetime.date";
pub(crate) const TIME: &str = "datetime.time";
pub(crate) const TIMEDELTA: &str = "datetime.timedelta";
pub(crate) const DECIMAL: &str = "decimal.Decimal";
pub(crate) const UUID: &str = "uuid.UUID";
pub(crate) const SAFE_STRING: &str = "django.utils.safestring.SafeString";

use http::Uri;

/// The language of a request: an extension of it, that a layer inserts which knows.
///
/// With `USE_I18N`, each language has pages of its own. Without this extension, a request has `LANGUAGE_CODE`.
///
/// ```
/// use cachemere::http::Language;
///
/// # let mut request = http::Request::new(());
/// request.extensions_mut().insert(Language("de".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Language(pub String);

/// The time zone of a request, as [`Language`]: an IANA name such as `Europe/Berlin`, or an offset such as `+0530`.
///
/// With `USE_TZ`, each time zone has pages of its own. Without this extension, a request has `TIME_ZONE`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(pub String);

/// The URI that a client asked for: an extension of a request that a router has changed.
///
/// A router that cuts off the prefix of what is nested in it makes `/shop/1` and `/blog/1` the same to the layers inside.
/// With this extension they tell them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestUri(pub Uri);

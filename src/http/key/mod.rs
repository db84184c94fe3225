mod learning;
mod uri;
mod variant;

use std::{borrow::Cow, ptr};

use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri, request::Parts, uri::Scheme};
use md5::{Digest, Md5};

pub use self::learning::{aget_cache_key, alearn_cache_key, get_cache_key, learn_cache_key};
use super::{
    Language, RequestUri, TimeZone,
    request::{Credentials, WantsEtag, asked},
};
use crate::{Cache, config::Middleware};

/// The keys of the pages of one request: those of Django, of the release that the alias names in OPTIONS.
#[derive(Clone, Debug)]
pub(crate) struct PageKeys<'a> {
    cache: &'a Cache,
    request: &'a Parts,
    key_prefix: &'a str,
    /// The digest of the URI.
    uri: u128,
    /// A digest of how the client spelled it, if that is not as keys have it.
    spelling: Option<u128>,
    /// `.de.Europe/Berlin`
    suffix: String,
    /// Whether the request says itself what its language is.
    has_language: bool,
}

impl<'a> PageKeys<'a> {
    pub(crate) fn of(request: &'a Parts, key_prefix: &'a str, cache: &'a Cache) -> Self {
        let middleware = &cache.handle.middleware;
        let language = request.extensions.get().map(|Language(language)| language);
        let time_zone = request.extensions.get().map(|TimeZone(zone)| zone);
        let mut suffix = String::new();
        if let Some(default) = &middleware.language {
            suffix.push('.');
            suffix.push_str(language.unwrap_or(default));
        }
        if let Some(default) = &middleware.time_zone {
            suffix.push('.');
            suffix.push_str(&zone_name(time_zone.unwrap_or(default)));
        }
        let (uri, is_spelled_so) = uri::absolute_uri(request, middleware);
        Self {
            cache,
            request,
            key_prefix,
            uri: digest(uri),
            spelling: (!is_spelled_so).then(|| variant::spelling(asked(request))),
            suffix,
            has_language: middleware.language.is_some() && language.is_some(),
        }
    }

    /// Where the header list of the URL is stored.
    pub(crate) fn header_key(&self) -> String {
        format!(
            "views.decorators.cache.cache_header.{}.{:032x}{}",
            self.key_prefix, self.uri, self.suffix
        )
    }

    /// The request headers that a response to the request varies on, as the store keeps them.
    pub(crate) fn header_list(&self, response: &HeaderMap) -> Vec<String> {
        let django = self.cache.handle.alias.django;
        variant::header_list(response, django, self.has_language)
    }

    /// The digest of the URI.
    pub(crate) fn uri(&self) -> u128 {
        self.uri
    }

    /// A digest of the URI and of what the request says in these headers: unlike that of a key, whose values may run
    /// into one another and which has `/a%2Fb` for `/a/b`, it is the same for the same request only.
    pub(crate) fn seal(&self, list: &[String]) -> u128 {
        let ignored = &self.cache.handle.middleware.ignored_cookies;
        variant::seal(self.uri, self.request, list, ignored)
    }

    /// Where a page layer stores a page: under Django's key, unless the URI is spelled in another way, as `/?` is for `/`.
    /// Routers may tell these apart, and what is stored for one must not take the place of the other's.
    pub(crate) fn spelled_page_key(&self, method: &Method, list: &[String]) -> String {
        let key = self.page_key(method, list);
        match self.spelling {
            Some(spelling) => format!("{key}.{spelling:032x}"),
            None => key,
        }
    }

    /// Where the page is stored whose responses vary on these headers.
    pub(crate) fn page_key(&self, method: &Method, list: &[String]) -> String {
        let handle = &self.cache.handle;
        let ignored = &handle.middleware.ignored_cookies;
        let variant = variant::digest(&self.request.headers, list, ignored, handle.alias.django);
        format!(
            "views.decorators.cache.cache_page.{}.{method}.{:032x}.{variant:032x}{}",
            self.key_prefix, self.uri, self.suffix
        )
    }
}

/// Writes down all that the keys of a URL are made of.
pub(crate) fn identify(request: &Parts, middleware: &Middleware, identity: &mut Vec<u8>) {
    let mut add = |text: Option<&[u8]>| note(identity, text);
    add(Some(uri::scheme(request, middleware).as_bytes()));
    add(uri::host_of_header(request, middleware).map(HeaderValue::as_bytes));
    let asked = asked(request);
    let left = (!ptr::eq(asked, &request.uri)).then_some(&request.uri);
    for uri in [asked].into_iter().chain(left) {
        add(uri
            .authority()
            .map(|authority| authority.as_str().as_bytes()));
        add(Some(uri.path().as_bytes()));
        add(uri.query().map(str::as_bytes));
    }
    let extensions = &request.extensions;
    add(extensions
        .get()
        .map(|Language(language)| language.as_bytes()));
    add(extensions.get().map(|TimeZone(zone)| zone.as_bytes()));
}

/// Writes down, after that, what the keys and the seal of a page are made of that varies on these headers.
pub(crate) fn identify_variant(request: &Parts, list: &[String], identity: &mut Vec<u8>) {
    let noted = request.extensions.get().map(|Credentials(noted)| noted);
    for header in list {
        note(identity, Some(header.as_bytes()));
        for headers in [Some(&request.headers), noted].into_iter().flatten() {
            let values = variant::values(headers, variant::name(header));
            values.for_each(|value| note(identity, Some(value)));
            note(identity, None);
        }
    }
}

/// A text and before it its length, so that no two texts run into one another.
fn note(identity: &mut Vec<u8>, text: Option<&[u8]>) {
    let length = text.map_or(usize::MAX, <[u8]>::len);
    identity.extend_from_slice(&length.to_ne_bytes());
    identity.extend_from_slice(text.unwrap_or_default());
}

/// What keys need of a request.
pub(crate) fn kept(request: &Parts) -> Parts {
    let (mut kept, ()) = Request::new(()).into_parts();
    kept.method = request.method.clone();
    kept.uri = request.uri.clone();
    let uri = RequestUri(asked(request).clone());
    kept.extensions.insert(uri);
    kept.headers = request.headers.clone();
    let (from, to) = (&request.extensions, &mut kept.extensions);
    copy::<Language>(from, to);
    copy::<TimeZone>(from, to);
    copy::<Credentials>(from, to);
    copy::<Scheme>(from, to);
    copy::<WantsEtag>(from, to);
    kept
}

fn copy<T: Clone + Send + Sync + 'static>(from: &Extensions, to: &mut Extensions) {
    if let Some(extension) = from.get::<T>() {
        to.insert(extension.clone());
    }
}

/// The digest of the URI of the pages of a URL; `None` if it is not absolute.
pub(crate) fn digest_of_url(url: &str) -> Option<u128> {
    let url: Uri = url.parse().ok()?;
    let query = url.query().unwrap_or_default();
    let uri = uri::join(
        url.scheme_str()?,
        uri::without_user(url.authority()?.as_str()),
        url.path().as_bytes(),
        query.as_bytes(),
    );
    Some(digest(uri))
}

/// MD5, as Django takes it of names that are too long or too odd for a key.
pub(crate) fn digest(text: impl AsRef<[u8]>) -> u128 {
    u128::from_be_bytes(Md5::digest(text).into())
}

/// What Python calls a time zone: by its offset, if that is all it is.
fn zone_name(zone: &str) -> Cow<'_, str> {
    let Some(etc) = zone.strip_prefix("Etc/") else {
        return zone.into();
    };
    if let "UTC" | "UCT" | "Universal" | "Zulu" = etc {
        return "UTC".into();
    }
    let Some(offset) = etc.strip_prefix("GMT") else {
        return zone.into();
    };
    match offset.split_at_checked(1) {
        None | Some(("0", "")) | Some((_, "0")) => "GMT".into(),
        // what is east is negative in this notation only
        Some(("-", hours)) => format!("+{hours:0>2}").into(),
        Some(("+", hours)) => format!("-{hours:0>2}").into(),
        Some(_) => zone.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_is_an_offset_is_called_by_it() {
        for (zone, name) in [
            ("Etc/GMT+5", "-05"),
            ("Etc/GMT-14", "+14"),
            ("Etc/GMT", "GMT"),
            ("Etc/GMT0", "GMT"),
            ("Etc/GMT-0", "GMT"),
            ("Etc/UTC", "UTC"),
            ("UTC", "UTC"),
            ("+0530", "+0530"),
            ("America/Chicago", "America/Chicago"),
            ("Etc/Nowhere", "Etc/Nowhere"),
        ] {
            assert_eq!(zone_name(zone), name);
        }
    }
}

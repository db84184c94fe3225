mod learning;
mod uri;
mod variant;

use std::borrow::Cow;

use http::{HeaderMap, Method, request::Parts};
use md5::{Digest, Md5};

pub use self::learning::{aget_cache_key, alearn_cache_key, get_cache_key, learn_cache_key};
use super::{Language, TimeZone};
use crate::Cache;

/// The keys of the pages of one request: those of Django, of the release that the alias names in OPTIONS.
#[derive(Clone, Debug)]
pub(crate) struct PageKeys<'a> {
    cache: &'a Cache,
    request: &'a HeaderMap,
    key_prefix: &'a str,
    /// The digest of the URI.
    uri: u128,
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
        let uri = uri::absolute_uri(request, middleware);
        Self {
            cache,
            request: &request.headers,
            key_prefix,
            uri: u128::from_be_bytes(Md5::digest(uri).into()),
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

    /// Where the page is stored whose responses vary on these headers.
    pub(crate) fn page_key(&self, method: &Method, list: &[String]) -> String {
        let handle = &self.cache.handle;
        let ignored = &handle.middleware.ignored_cookies;
        let variant = variant::digest(self.request, list, ignored, handle.alias.django);
        format!(
            "views.decorators.cache.cache_page.{}.{method}.{:032x}.{variant:032x}{}",
            self.key_prefix, self.uri, self.suffix
        )
    }
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

use std::borrow::Cow;

use http::{HeaderMap, Uri, request::Parts, uri::Authority};
use md5::{Digest, Md5};

use super::{
    super::{
        request::{Credentials, asked},
        vary::vary_members,
    },
    uri::latin1,
};
use crate::django::Django;

/// The request headers that a response varies on, as Django keeps them: `HTTP_ACCEPT_ENCODING`, sorted.
pub(super) fn header_list(response: &HeaderMap, django: Django, has_language: bool) -> Vec<String> {
    let members = vary_members(response).into_iter();
    let mut list: Vec<_> = members
        .filter(|name| !name.is_empty() || !django.takes_netstrings())
        // the language is in the key already
        .filter(|name| !has_language || !name.eq_ignore_ascii_case("accept-language"))
        .map(|name| format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_")))
        .collect();
    list.sort_unstable();
    list
}

/// The digest of what a request says in these headers.
pub(super) fn digest(
    request: &HeaderMap,
    list: &[String],
    ignored_cookies: &[String],
    django: Django,
) -> u128 {
    let mut digest = Md5::new();
    for name in list {
        match value_of(request, self::name(name), ignored_cookies) {
            Some(value) if django.takes_netstrings() => {
                digest.update(itoa::Buffer::new().format(value.len()));
                digest.update(":");
                digest.update(&*value);
                digest.update(",");
            }
            Some(value) => digest.update(&*value),
            None if django.marks_absent_headers() => digest.update("-,"),
            None if django.takes_netstrings() => digest.update("0:,"),
            None => {}
        }
    }
    u128::from_be_bytes(digest.finalize().into())
}

/// A digest of a URI as it is spelled.
pub(super) fn spelling(uri: &Uri) -> u128 {
    let mut digest = Md5::new();
    for part in parts_of(uri) {
        digest.update(
            part.map_or(u64::MAX, |part| part.len() as u64)
                .to_be_bytes(),
        );
        digest.update(part.unwrap_or_default());
    }
    u128::from_be_bytes(digest.finalize().into())
}

fn parts_of(uri: &Uri) -> [Option<&str>; 3] {
    let authority = uri.authority().map(Authority::as_str);
    [authority, Some(uri.path()), uri.query()]
}

/// The digest of a URI, of its spelling, and of what a request says in these headers, each value with its name, and
/// beside it what the client said before a layer changed it, if that is known; every text has its length before it.
pub(super) fn seal(
    uri: u128,
    request: &Parts,
    list: &[String],
    ignored_cookies: &[String],
) -> u128 {
    let mut digest = Md5::new();
    let mut update = |text: Option<&str>| {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        digest.update(length.to_be_bytes());
        digest.update(text.unwrap_or_default());
    };
    // what was asked for, and what is left of it for the application: neither may be another's
    for uri in [asked(request), &request.uri] {
        parts_of(uri).into_iter().for_each(&mut update);
    }
    for header in list {
        let name = name(header);
        update(Some(header));
        update(value_of(&request.headers, name, ignored_cookies).as_deref());
        if let Some(Credentials(noted)) = request.extensions.get() {
            update(value_of(noted, name, ignored_cookies).as_deref());
        }
    }
    digest.update(uri.to_be_bytes());
    u128::from_be_bytes(digest.finalize().into())
}

/// The values of a header, joined; `None` if it is not there, or has ignored cookies only.
fn value_of<'a>(headers: &'a HeaderMap, name: &str, ignored: &[String]) -> Option<Cow<'a, str>> {
    let is_cookie = name == "COOKIE";
    let separator = if is_cookie { "; " } else { "," };
    let values = values(headers, name).map(latin1);
    let value = values.reduce(|joined, value| format!("{joined}{separator}{value}").into())?;
    match is_cookie && !ignored.is_empty() {
        true => without_cookies(value, ignored),
        false => Some(value),
    }
}

/// `ACCEPT_ENCODING`, of a header list's `HTTP_ACCEPT_ENCODING`.
pub(super) fn name(header: &str) -> &str {
    header.strip_prefix("HTTP_").unwrap_or(header)
}

/// The values of a header, one by one.
pub(super) fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    let all = headers.iter();
    let all = all.filter(|(header, _)| is_called(header.as_str(), name));
    all.map(|(_, value)| value.as_bytes())
}

/// Whether `accept-encoding` is `ACCEPT_ENCODING`.
fn is_called(header: &str, name: &str) -> bool {
    let folded = |byte: u8| match byte {
        b'-' => b'_',
        other => other.to_ascii_uppercase(),
    };
    header.bytes().map(folded).eq(name.bytes())
}

fn without_cookies<'a>(cookies: Cow<'a, str>, ignored: &[String]) -> Option<Cow<'a, str>> {
    let is_kept = |cookie: &&str| match cookie.split_once('=') {
        Some((name, _)) => !ignored.iter().any(|pattern| fits(name.trim(), pattern)),
        None => true,
    };
    let all = || cookies.split(';').map(str::trim);
    if all().all(|cookie| is_kept(&cookie)) {
        return Some(cookies);
    }
    let kept: Vec<_> = all()
        .filter(is_kept)
        .filter(|cookie| !cookie.is_empty())
        .collect();
    (!kept.is_empty()).then(|| kept.join("; ").into())
}

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(cookies: &[&str], ignored: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append("cookie", cookie.parse().unwrap());
        }
        let ignored: Vec<_> = ignored.iter().map(|name| (*name).to_owned()).collect();
        value_of(&headers, "COOKIE", &ignored).map(Cow::into_owned)
    }

    #[test]
    fn ignored_cookies_are_not_there() {
        let ignored = ["_ga*", "theme"];
        for (cookie, expected) in [
            ("a=1; _ga=2; b=3;_ga_X=4", Some("a=1; b=3")),
            ("theme=dark", None),
            ("themes=2; _g=1", Some("themes=2; _g=1")),
            ("a=1;b=2", Some("a=1;b=2")),
            ("_ga", Some("_ga")),
            ("", Some("")),
        ] {
            assert_eq!(value(&[cookie], &ignored).as_deref(), expected, "{cookie}");
        }
        assert_eq!(value(&["theme=dark"], &[]).as_deref(), Some("theme=dark"));
    }

    #[test]
    fn several_lines_of_a_header_are_one_value() {
        assert_eq!(value(&["a=1", "b=2"], &[]).as_deref(), Some("a=1; b=2"));
        let mut headers = HeaderMap::new();
        headers.append("accept", "x".parse().unwrap());
        headers.append("accept", "y".parse().unwrap());
        assert_eq!(value_of(&headers, "ACCEPT", &[]).as_deref(), Some("x,y"));
    }

    #[test]
    fn a_header_with_an_underscore_in_its_name_is_seen() {
        let mut headers = HeaderMap::new();
        headers.append("x_user", "ada".parse().unwrap());
        assert_eq!(value_of(&headers, "X_USER", &[]).as_deref(), Some("ada"));
    }
}

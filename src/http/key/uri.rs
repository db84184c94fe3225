use std::borrow::Cow;

use http::{
    HeaderValue, header,
    request::Parts,
    uri::{PathAndQuery, Scheme},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use super::super::request::asked;
use crate::config::Middleware;

/// What is percent-encoded in a path.
const PATH: &AsciiSet = &all_but(b"_.-~/:@&+$,!*'()");
/// What is percent-encoded in a query: what is so already stays.
const QUERY: &AsciiSet = &all_but(b"_.-~/#%[]=:;$&()+,!?*@'");

/// Everything but letters, digits and these.
const fn all_but(bytes: &[u8]) -> AsciiSet {
    let mut set = NON_ALPHANUMERIC.remove(bytes[0]);
    let mut at = 1;
    while at < bytes.len() {
        set = set.remove(bytes[at]);
        at += 1;
    }
    set
}

/// The URI of a request as Django builds it, the page's name in keys; and whether the client spelled it so.
pub(super) fn absolute_uri(request: &Parts, middleware: &Middleware) -> (String, bool) {
    let asked = asked(request);
    let (scheme, host) = (scheme(request, middleware), host(request, middleware));
    let query = asked.query().unwrap_or_default();
    let uri = join(scheme, &host, asked.path().as_bytes(), query.as_bytes());
    let spelled = asked.path_and_query().map_or("/", PathAndQuery::as_str);
    let head = scheme.len() + "://".len() + host.len();
    let is_spelled_so = uri.get(head..) == Some(spelled)
        && asked
            .authority()
            .is_none_or(|authority| *authority == *host);
    (uri, is_spelled_so)
}

/// The parts of a URI, percent-encoded in the one way that keys have.
pub(super) fn join(scheme: &str, host: &str, path: &[u8], query: &[u8]) -> String {
    let mut uri = format!("{scheme}://{host}");
    let path = encoded(path);
    match path.contains("/./") || path.contains("/../") {
        true => uri.push_str(&without_dots(&path)),
        false => uri.push_str(&path),
    }
    if !query.is_empty() {
        uri.push('?');
        uri.extend(utf8_percent_encode(&latin1(query), QUERY));
    }
    uri
}

/// `https` if a proxy is believed to say so, else if the server does.
pub(super) fn scheme(request: &Parts, middleware: &Middleware) -> &'static str {
    let by_proxy = middleware.ssl_header.as_ref().and_then(|ssl| {
        let value = latin1(request.headers.get(&ssl.name)?.as_bytes());
        let first = value.split(',').next().unwrap_or_default();
        Some(first.trim() == ssl.value)
    });
    let by_server = || {
        let scheme = request.extensions.get().or(request.uri.scheme());
        scheme == Some(&Scheme::HTTPS)
    };
    match by_proxy.unwrap_or_else(by_server) {
        true => "https",
        false => "http",
    }
}

/// The host and the port, as the client wrote them.
fn host<'a>(request: &'a Parts, middleware: &Middleware) -> Cow<'a, str> {
    let by_header = host_of_header(request, middleware);
    let by_header = by_header.map(HeaderValue::as_bytes).map(latin1);
    by_header.unwrap_or_else(|| {
        let authority = request
            .uri
            .authority()
            .map_or("localhost", |all| all.as_str());
        without_user(authority).into()
    })
}

/// The header that says the host.
pub(super) fn host_of_header<'a>(
    request: &'a Parts,
    middleware: &Middleware,
) -> Option<&'a HeaderValue> {
    let forwarded = || request.headers.get("x-forwarded-host");
    let by_proxy = middleware.uses_forwarded_host.then(forwarded).flatten();
    by_proxy.or_else(|| request.headers.get(header::HOST))
}

pub(super) fn without_user(authority: &str) -> &str {
    let host = authority.rsplit_once('@').map(|(_, host)| host);
    host.unwrap_or(authority)
}

/// A path, decoded and encoded again; bytes that are no UTF-8 stay encoded, and are so twice.
fn encoded(path: &[u8]) -> String {
    let decoded: Cow<'_, [u8]> = percent_decode(path).into();
    let mut encoded = String::with_capacity(path.len() + 1);
    if decoded.first() != Some(&b'/') {
        encoded.push('/');
    }
    for chunk in decoded.utf8_chunks() {
        encoded.extend(utf8_percent_encode(chunk.valid(), PATH));
        for byte in chunk.invalid() {
            encoded.push_str(&format!("%25{byte:02X}"));
        }
    }
    encoded
}

/// A path whose segments `.` and `..` are followed.
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        kept.push("");
    }
    let path = kept.join("/");
    match path.starts_with('/') {
        true => path,
        false => format!("/{path}"),
    }
}

/// Bytes of a request as Django reads them, each one a character.
pub(super) fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => bytes.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::Value;

    use super::*;
    use crate::{Caches, http::RequestUri};

    /// The URI of a request, with these settings.
    fn uri_of(settings: &str, request: http::request::Builder) -> String {
        let toml = format!("{settings}\n[CACHES.default]\nBACKEND = 'dummy'");
        let caches = Caches::from_toml(&toml).unwrap();
        let (parts, ()) = request.body(()).unwrap().into_parts();
        absolute_uri(&parts, &caches["default"].handle.middleware).0
    }

    #[test]
    fn uris_are_built_as_django_builds_them() {
        let golden = include_str!("../../../tests/golden/django-golden.json");
        let golden: Value = serde_json::from_str(golden).unwrap();
        let cases = golden["page_cache"]["absolute_uri"].as_array().unwrap();
        assert_eq!(cases.len(), 28);
        for case in cases {
            let options = &case["options"];
            let option = |name: &str, default| options[name].as_str().unwrap_or(default);
            // without a Host header, the name of Django's server
            let default_host = match options.get("host") {
                Some(Value::Null) => "srv:8000",
                _ => "ex.com",
            };
            let path = case["raw_request_path"].as_str().unwrap();
            let path = format!("{}{path}", option("script", ""));
            let query = case["raw_query_latin1"].as_str().unwrap();
            let query: Vec<_> = query.chars().map(|c| u8::try_from(c).unwrap()).collect();
            let host = option("host", default_host);
            let uri = join(option("scheme", "http"), host, path.as_bytes(), &query);
            assert_eq!(uri, case["absolute_uri"], "{case}");
        }
    }

    #[test]
    fn the_host_is_that_of_the_header_else_of_the_uri() {
        let with_both = Request::get("http://u:p@a.example:80/x").header("host", "B.example:81");
        assert_eq!(uri_of("", with_both), "http://B.example:81/x");
        let with_one = Request::get("https://u:p@a.example:444/x?");
        assert_eq!(uri_of("", with_one), "https://a.example:444/x");
        assert_eq!(uri_of("", Request::get("/x")), "http://localhost/x");
    }

    #[test]
    fn a_proxy_is_believed_only_if_the_settings_say_so() {
        let request = || {
            let request = Request::get("/x").header("host", "inner");
            let request = request.header("x-forwarded-host", "outer");
            request.header("x-forwarded-proto", " https , http")
        };
        assert_eq!(uri_of("", request()), "http://inner/x");
        let settings =
            "USE_X_FORWARDED_HOST = true\nSECURE_PROXY_SSL_HEADER = ['X-Forwarded-Proto', 'https']";
        assert_eq!(uri_of(settings, request()), "https://outer/x");
        let spoofed = Request::get("https://inner/x").header("x-forwarded-proto", "http");
        assert_eq!(uri_of(settings, spoofed), "http://inner/x");
    }

    #[test]
    fn extensions_tell_of_tls_and_of_a_prefix_that_was_cut_off() {
        let full = RequestUri("/shop/1?a=b".parse().unwrap());
        let request = Request::get("/1").extension(full).extension(Scheme::HTTPS);
        assert_eq!(uri_of("", request), "https://localhost/shop/1?a=b");
    }

    #[test]
    fn dots_lead_nowhere_above_the_root() {
        for (path, expected) in [
            ("/../../a", "/a"),
            ("/a/../b/..", "/"),
            ("//x/../y", "//y"),
            ("/a/./b/.", "/a/b/"),
            ("/%2e%2e/a", "/a"),
        ] {
            assert_eq!(
                join("http", "h", path.as_bytes(), b""),
                format!("http://h{expected}")
            );
        }
    }
}

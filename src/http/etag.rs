use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use md5::{Digest, Md5};

/// Sets the `ETag` of a response to the MD5 digest of its body; none if the body is empty.
///
/// ```
/// # use http::HeaderMap;
/// # let mut headers = HeaderMap::new();
/// cachemere::http::set_response_etag(&mut headers, b"test content");
/// assert_eq!(headers["ETag"], "\"9473fdd0d880a43c21b7778d34872157\"");
/// ```
pub fn set_response_etag(headers: &mut HeaderMap, body: &[u8]) {
    if !body.is_empty() {
        headers.insert(header::ETAG, etag_of([body]));
    }
}

/// The ETag of a body that comes in pieces.
pub(super) fn etag_of(pieces: impl IntoIterator<Item: AsRef<[u8]>>) -> HeaderValue {
    let mut digest = Md5::new();
    pieces.into_iter().for_each(|piece| digest.update(piece));
    let digest = u128::from_be_bytes(digest.finalize().into());
    HeaderValue::try_from(format!("\"{digest:032x}\"")).expect("a digest is ASCII")
}

/// The text in quotes, unless it is an ETag already.
#[must_use]
pub fn quote_etag(text: &str) -> Cow<'_, str> {
    match is_etag(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("\"{text}\"")),
    }
}

/// Whether this is `"…"` or `W/"…"`.
fn is_etag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    let inside = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.is_some_and(|inside| !inside.contains('"'))
}

/// What `If-Match` or `If-None-Match` name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Etags {
    /// `*`
    Any,
    /// At least one.
    These(Vec<String>),
}

impl Etags {
    /// Reads all lines of a header; `None` if it is not there or names no ETag. What is none is left out, and so is one
    /// with a comma in it.
    pub(super) fn of(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let mut etags = Vec::new();
        for value in headers.get_all(name) {
            let value = String::from_utf8_lossy(value.as_bytes());
            if value.trim() == "*" {
                return Some(Self::Any);
            }
            let members = value.split(',').map(str::trim);
            etags.extend(members.filter(|member| is_etag(member)).map(str::to_owned));
        }
        (!etags.is_empty()).then_some(Self::These(etags))
    }

    /// Whether the ETag is one of these, byte for byte; one that is weak never is.
    pub(super) fn match_strongly(&self, etag: Option<&str>) -> bool {
        let Some(etag) = etag else { return false };
        match self {
            Self::Any => true,
            Self::These(etags) => !etag.starts_with("W/") && etags.iter().any(|one| one == etag),
        }
    }

    /// Whether the ETag is one of these, weak or not.
    pub(super) fn match_weakly(&self, etag: Option<&str>) -> bool {
        let Some(etag) = etag else { return false };
        match self {
            Self::Any => true,
            Self::These(etags) => etags.iter().any(|one| strong(one) == strong(etag)),
        }
    }
}

fn strong(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden(section: &str) -> Vec<serde_json::Value> {
        let golden = include_str!("../../tests/golden/django-golden.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        golden["http"][section].as_array().unwrap().clone()
    }

    #[test]
    fn etags_are_read_as_django_reads_them() {
        for case in golden("parse_etags") {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, case[0].as_str().unwrap().parse().unwrap());
            let names: Vec<_> = case[1].as_array().unwrap().iter().collect();
            let names = names.iter().map(|name| name.as_str().unwrap().to_owned());
            let expected = match names.collect::<Vec<_>>() {
                names if names.is_empty() => None,
                names if names == ["*"] => Some(Etags::Any),
                names => Some(Etags::These(names)),
            };
            assert_eq!(Etags::of(&headers, &header::IF_MATCH), expected, "{case}");
        }
    }

    #[test]
    fn etags_are_quoted_as_django_quotes_them() {
        for case in golden("quote_etag") {
            assert_eq!(&*quote_etag(case[0].as_str().unwrap()), case[1], "{case}");
        }
    }
}

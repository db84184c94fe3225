//! What a page has before its body, as bytes and ready to be sent.

use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::memo::Memo;

/// Names that a page has as one byte, its place here: a new one goes to the end.
const SHORT: [HeaderName; 20] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CACHE_CONTROL,
    header::EXPIRES,
    header::VARY,
    header::ETAG,
    header::LAST_MODIFIED,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::DATE,
    header::LINK,
    header::SERVER,
    header::REFERRER_POLICY,
    header::X_FRAME_OPTIONS,
    header::X_CONTENT_TYPE_OPTIONS,
    header::CONTENT_SECURITY_POLICY,
    header::STRICT_TRANSPORT_SECURITY,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCEPT_RANGES,
    header::CONTENT_DISPOSITION,
];

/// Room is made for no more headers beforehand, whatever the entry says.
const MOST: usize = 64;

/// No page has so many. A map of headers panics at about 24,000, and at 6,554 whose names were chosen for that.
const LIMIT: u32 = 4096;

/// Stands before a name that is none of these.
const LONG: u8 = u8::MAX;

/// The headers that are added to a hit on its way out: Age, and the Content-Length of the server.
const ADDED: usize = 2;

thread_local! {
    static FRONTS: Memo<Front> = const { Memo::new() };
}

/// The headers of a page, and when it was computed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Front {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What the time is to be added to for the Age of the page, both in seconds.
    pub(super) age: Option<i64>,
}

impl Front {
    pub(super) fn encode(headers: &HeaderMap, age: Option<i64>) -> Bytes {
        let lines = headers
            .iter()
            .map(|(name, value)| 9 + name.as_str().len() + value.len());
        let mut bytes = BytesMut::with_capacity(12 + lines.sum::<usize>());
        bytes.put_i64_le(age.unwrap_or(i64::MIN));
        bytes.put_u32_le(headers.len() as u32);
        for (name, value) in headers {
            put_name(&mut bytes, name);
            put_text(&mut bytes, value.as_bytes());
        }
        bytes.freeze()
    }

    /// What these bytes say, which are read once as long as they are remembered.
    pub(super) fn recall(bytes: &[u8]) -> Option<Arc<Self>> {
        Memo::recall(&FRONTS, bytes, || Self::read(bytes).ok_or(())).ok()
    }

    /// The values are slices of a copy: one of the page would keep its body in memory.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::copy_from_slice(bytes);
        let age = bytes.try_get_i64_le().ok()?;
        let count = bytes
            .try_get_u32_le()
            .ok()
            .filter(|count| *count <= LIMIT)?;
        let mut headers = Vec::with_capacity(MOST.min(count as usize));
        for _ in 0..count {
            let name = take_name(&mut bytes)?;
            let value = HeaderValue::from_maybe_shared(take_text(&mut bytes)?).ok()?;
            headers.push((name, value));
        }
        bytes.is_empty().then_some(Self {
            headers,
            age: Some(age).filter(|age| *age != i64::MIN),
        })
    }

    /// Adds the headers to those of an answer.
    pub(super) fn put(&self, headers: &mut HeaderMap) {
        headers.reserve(self.headers.len() + ADDED);
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
    }
}

fn put_name(bytes: &mut BytesMut, name: &HeaderName) {
    let place = SHORT.iter().position(|short| short == name);
    match place.and_then(|place| u8::try_from(place).ok()) {
        Some(place) => bytes.put_u8(place),
        None => {
            bytes.put_u8(LONG);
            put_text(bytes, name.as_str().as_bytes());
        }
    }
}

fn take_name(bytes: &mut Bytes) -> Option<HeaderName> {
    match bytes.try_get_u8().ok()? {
        LONG => HeaderName::from_bytes(&take_text(bytes)?).ok(),
        place => SHORT.get(usize::from(place)).cloned(),
    }
}

fn put_text(bytes: &mut BytesMut, text: &[u8]) {
    bytes.put_u32_le(text.len() as u32);
    bytes.put_slice(text);
}

fn take_text(bytes: &mut Bytes) -> Option<Bytes> {
    let length = bytes.try_get_u32_le().ok()?;
    take(bytes, usize::try_from(length).ok()?)
}

fn take(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> (HeaderMap, Bytes) {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        headers.append("x-more", HeaderValue::from_static("1"));
        headers.append("x-more", HeaderValue::from_bytes(b"\xe9").unwrap());
        let bytes = Front::encode(&headers, Some(-7));
        (headers, bytes)
    }

    #[test]
    fn headers_come_back_as_they_were() {
        let (headers, bytes) = page();
        let front = Front::recall(&bytes).unwrap();
        let mut decoded = HeaderMap::new();
        front.put(&mut decoded);
        assert_eq!((decoded, front.age), (headers, Some(-7)));
    }

    #[test]
    fn what_is_cut_short_or_has_more_is_none() {
        let (_, bytes) = page();
        for length in 0..bytes.len() {
            assert_eq!(Front::recall(&bytes[..length]), None, "{length}");
        }
        assert_eq!(Front::recall(&[&bytes[..], b"!"].concat()), None);
    }

    #[test]
    fn more_headers_than_an_answer_may_have_are_none() {
        for (count, is_read) in [(LIMIT, true), (LIMIT + 1, false)] {
            let mut bytes = [&0_i64.to_le_bytes()[..], &count.to_le_bytes()].concat();
            // a content type that is empty
            bytes.extend([0; 5].repeat(count as usize));
            let front = Front::recall(&bytes);
            assert_eq!(front.is_some(), is_read);
            if let Some(front) = front {
                front.put(&mut HeaderMap::new());
            }
        }
    }

    #[test]
    fn a_page_without_an_age_has_none() {
        let bytes = Front::encode(&HeaderMap::new(), None);
        assert_eq!(Front::recall(&bytes).unwrap().age, None);
    }
}

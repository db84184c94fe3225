use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use cachemere_base::{Codec, Value};
use http::HeaderMap;

use super::front::Front;

/// Says that an entry is a page, in this layout.
const MAGIC: [u8; 4] = *b"cmp3";

/// What a page has to agree with to be the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// The generations of its URL and of its route when it was computed; 0 for no route.
    pub(super) url: i64,
    pub(super) route: i64,
    /// A digest of the URL and of the headers that the page varies on, with their names.
    pub(super) request: u128,
}

/// An answer of status 200, as a store keeps it: what comes before the body in a few bytes, and the body as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) front: Arc<Front>,
    /// Of the body that HEAD is not given.
    pub(super) length: Option<usize>,
    pub(super) body: Bytes,
}

impl Stored {
    pub(super) fn encode(
        seal: Seal,
        headers: &HeaderMap,
        age: Option<i64>,
        frames: &[Bytes],
    ) -> Bytes {
        let length: usize = frames.iter().map(Bytes::len).sum();
        let front = Front::encode(headers, age);
        let mut bytes = BytesMut::with_capacity(64 + front.len() + length);
        bytes.put_slice(&MAGIC);
        bytes.put_i64_le(seal.url);
        bytes.put_i64_le(seal.route);
        bytes.put_u128_le(seal.request);
        bytes.put_u64_le(length as u64);
        bytes.put_u32_le(front.len() as u32);
        bytes.put_slice(&front);
        for frame in frames {
            bytes.put_slice(frame);
        }
        bytes.freeze()
    }

    /// The page of an entry, its body as a slice of it; `None` if it is no page of this seal.
    pub(super) fn decode(entry: Value, seal: Seal) -> Option<Self> {
        match entry {
            Value::Bytes { format, data } if format.codec == Codec::Raw => Self::read(data, seal),
            _ => None,
        }
    }

    fn read(bytes: Bytes, seal: Seal) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MAGIC)?;
        let found = Seal {
            url: rest.try_get_i64_le().ok()?,
            route: rest.try_get_i64_le().ok()?,
            request: rest.try_get_u128_le().ok()?,
        };
        if found != seal {
            return None;
        }
        let length = rest.try_get_u64_le().ok()?;
        let front = usize::try_from(rest.try_get_u32_le().ok()?).ok()?;
        let (front, body) = rest.split_at_checked(front)?;
        if length != body.len() as u64 {
            return None;
        }
        let front = Front::recall(front)?;
        let start = bytes.len() - body.len();
        Some(Self {
            front,
            length: None,
            body: skipped(bytes, start),
        })
    }

    /// What HEAD is answered, where GET is answered with this.
    pub(super) fn without_body(self) -> Self {
        Self {
            length: Some(self.body.len()),
            body: Bytes::new(),
            ..self
        }
    }
}

/// What comes after the first bytes.
fn skipped(mut bytes: Bytes, count: usize) -> Bytes {
    bytes.advance(count);
    bytes
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const SEAL: Seal = Seal {
        url: 1,
        route: 2,
        request: 3,
    };

    fn page() -> (HeaderMap, Bytes) {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        let frames = [Bytes::from_static(b"one, "), Bytes::from_static(b"two")];
        let bytes = Stored::encode(SEAL, &headers, Some(-7), &frames);
        (headers, bytes)
    }

    #[test]
    fn a_page_comes_back_as_it_was_and_its_body_is_not_copied() {
        let (headers, bytes) = page();
        let Stored { front, body, .. } = Stored::read(bytes.clone(), SEAL).unwrap();
        let mut decoded = HeaderMap::new();
        front.put(&mut decoded);
        assert_eq!((decoded, front.age), (headers, Some(-7)));
        assert_eq!(body, "one, two");
        assert!(bytes.as_ptr_range().contains(&body.as_ptr()));
    }

    #[test]
    fn a_page_of_another_seal_is_none() {
        let (_, bytes) = page();
        for seal in [
            Seal { url: 9, ..SEAL },
            Seal { route: 9, ..SEAL },
            Seal { request: 9, ..SEAL },
        ] {
            assert_eq!(Stored::read(bytes.clone(), seal), None);
        }
    }

    #[test]
    fn a_page_that_is_cut_short_or_has_more_is_none() {
        let (_, bytes) = page();
        for length in 0..bytes.len() {
            assert_eq!(Stored::read(bytes.slice(..length), SEAL), None, "{length}");
        }
        let longer = [&bytes[..], b"!"].concat();
        assert_eq!(Stored::read(longer.into(), SEAL), None);
    }
}

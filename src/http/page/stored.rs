use bytes::{Buf, BufMut, Bytes, BytesMut};
use cachemere_base::{Codec, Value};
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Says that an entry is a page, in this layout.
const MAGIC: [u8; 4] = *b"cmp2";

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

/// Stands before a name that is none of these.
const LONG: u8 = u8::MAX;

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
    pub(super) headers: HeaderMap,
    /// What the time is to be added to for the Age of the page, both in seconds.
    pub(super) age: Option<i64>,
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
        let lines: usize = headers
            .iter()
            .map(|(name, value)| 9 + name.as_str().len() + value.len())
            .sum();
        let mut bytes = BytesMut::with_capacity(64 + lines + length);
        bytes.put_slice(&MAGIC);
        bytes.put_i64_le(seal.url);
        bytes.put_i64_le(seal.route);
        bytes.put_u128_le(seal.request);
        bytes.put_i64_le(age.unwrap_or(i64::MIN));
        bytes.put_u32_le(headers.len() as u32);
        for (name, value) in headers {
            put_name(&mut bytes, name);
            put_text(&mut bytes, value.as_bytes());
        }
        bytes.put_u64_le(length as u64);
        for frame in frames {
            bytes.put_slice(frame);
        }
        bytes.freeze()
    }

    /// The page of an entry, its body and values as slices of it; `None` if it is no page of this seal.
    pub(super) fn decode(entry: Value, seal: Seal) -> Option<Self> {
        match entry {
            Value::Bytes { format, data } if format.codec == Codec::Raw => Self::read(data, seal),
            _ => None,
        }
    }

    fn read(mut bytes: Bytes, seal: Seal) -> Option<Self> {
        if take(&mut bytes, MAGIC.len())? != MAGIC[..] {
            return None;
        }
        let found = Seal {
            url: bytes.try_get_i64_le().ok()?,
            route: bytes.try_get_i64_le().ok()?,
            request: bytes.try_get_u128_le().ok()?,
        };
        if found != seal {
            return None;
        }
        let age = bytes.try_get_i64_le().ok()?;
        let count = bytes.try_get_u32_le().ok()?;
        let mut headers = HeaderMap::with_capacity(MOST.min(count as usize + 1));
        for _ in 0..count {
            let name = take_name(&mut bytes)?;
            let value = HeaderValue::from_maybe_shared(take_text(&mut bytes)?).ok()?;
            headers.try_append(name, value).ok()?;
        }
        let length = bytes.try_get_u64_le().ok()?;
        (length == bytes.len() as u64).then_some(Self {
            headers,
            age: Some(age).filter(|age| *age != i64::MIN),
            body: bytes,
        })
    }
}

impl Stored {
    /// What HEAD is answered, where GET is answered with this.
    pub(super) fn without_body(mut self) -> Self {
        let length = HeaderValue::from(self.body.len());
        self.headers.entry(header::CONTENT_LENGTH).or_insert(length);
        self.body.clear();
        self
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

    const SEAL: Seal = Seal {
        url: 1,
        route: 2,
        request: 3,
    };

    fn page() -> (Stored, Bytes) {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        headers.append("x-more", HeaderValue::from_static("1"));
        headers.append("x-more", HeaderValue::from_bytes(b"\xe9").unwrap());
        let frames = [Bytes::from_static(b"one, "), Bytes::from_static(b"two")];
        let stored = Stored {
            headers: headers.clone(),
            age: Some(-7),
            body: Bytes::from_static(b"one, two"),
        };
        let bytes = Stored::encode(SEAL, &headers, stored.age, &frames);
        (stored, bytes)
    }

    #[test]
    fn a_page_comes_back_as_it_was_and_its_body_is_not_copied() {
        let (page, bytes) = page();
        let decoded = Stored::read(bytes.clone(), SEAL).unwrap();
        assert_eq!(decoded, page);
        assert!(bytes.as_ptr_range().contains(&decoded.body.as_ptr()));
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

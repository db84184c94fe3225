use bytes::Bytes;
use cachemere_base::{Codec, Compression, Expiry, Format, Result, Value};
use cachemere_django::{compression, pickle, stored};

/// What the file of an entry has.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) expiry: Expiry,
    /// The compressed pickle; Django may leave some bytes after its end.
    packed: Bytes,
    /// The pickle, unless it is damaged.
    plain: Option<Bytes>,
}

impl Content {
    /// `None` if it does not begin with an expiry.
    pub(super) fn of(bytes: Vec<u8>) -> Option<Self> {
        let (seconds, used): (Option<f64>, usize) = pickle::from_prefix(&bytes).ok()?;
        let packed = Bytes::from(bytes).slice(used..);
        let plain = compression::decompress(&packed, Compression::Zlib).ok();
        Some(Self {
            expiry: seconds.map_or(Some(Expiry::NEVER), expiry)?,
            plain: plain.map(Bytes::from),
            packed,
        })
    }

    pub(super) fn is_whole(&self) -> bool {
        self.plain.is_some()
    }

    /// What cannot be decompressed says so where it is decoded.
    pub(super) fn into_value(self) -> Value {
        match self.plain {
            Some(plain) => stored::unpickled(plain),
            None => Value::Bytes {
                format: Format::new(Codec::Pickle, Compression::Zlib),
                data: self.packed,
            },
        }
    }

    /// The same value with another expiry, as it is written.
    pub(super) fn with_expiry(&self, expiry: Expiry) -> Vec<u8> {
        [&pickled(expiry)[..], &self.packed].concat()
    }
}

/// A value with its expiry as it is written.
pub(super) fn written(value: Value, expiry: Expiry) -> Result<Vec<u8>> {
    let pickle = stored::pickled(value)?;
    let packed = compression::compress(&pickle, Compression::Zlib)?;
    Ok([pickled(expiry), packed].concat())
}

/// Seconds since the Unix epoch, or `None` for ever.
fn pickled(expiry: Expiry) -> Vec<u8> {
    let is_never = expiry == Expiry::NEVER;
    let seconds = (!is_never).then(|| expiry.to_millis() as f64 / 1000.0);
    pickle::to_vec(&seconds).expect("a number can be written")
}

/// `None` for no time at all.
fn expiry(seconds: f64) -> Option<Expiry> {
    // what is before the epoch is 0, what is beyond all numbers is the last of them, which is never
    (!seconds.is_nan()).then(|| Expiry::from_millis((seconds * 1000.0).ceil() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden() -> serde_json::Value {
        let golden = include_str!("../../../../tests/golden/django-golden.json");
        let mut golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        golden["filebased"].take()
    }

    fn unhex(hex: &serde_json::Value) -> Vec<u8> {
        let hex = hex.as_str().unwrap();
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    #[test]
    fn what_django_wrote_is_read_and_written_again() {
        let golden = golden();
        let sets = golden["set"].as_array().unwrap();
        assert_eq!(sets.len(), 14);
        for set in sets {
            let content = Content::of(unhex(&set["file_hex"])).unwrap();
            let expected = set["expiry"]
                .as_f64()
                .map_or(Expiry::NEVER, |seconds| expiry(seconds).unwrap());
            assert_eq!(content.expiry, expected);
            let expiry = content.expiry;
            let value = content.into_value();
            assert_eq!(
                stored::pickled(value.clone()).unwrap(),
                unhex(&set["value_pickle_hex"])
            );
            let written = written(value, expiry).unwrap();
            assert!(written.starts_with(&unhex(&set["expiry_pickle_hex"])));
        }
    }

    #[test]
    fn bytes_that_a_touch_left_behind_are_ignored() {
        let golden = golden();
        let touched = &golden["touch_float_to_None_leaves_17_trailing_bytes"];
        let content = Content::of(unhex(&touched["after_touch_None_hex"])).unwrap();
        assert_eq!(content.expiry, Expiry::NEVER);
        assert_eq!(Some(content.into_value()), stored::text(b"hello"));
    }

    #[test]
    fn what_has_no_expiry_is_none() {
        for bytes in [&b""[..], b"hello", b"\x80\x05\x8c\x01x\x94.", b"\x80\x05G"] {
            assert!(Content::of(bytes.to_vec()).is_none(), "{bytes:?}");
        }
    }
}

use std::cell::RefCell;

use bytes::Bytes;
use cachemere_base::{Compression, Error, ErrorKind, Format, Result, Value};

/// The length of the original, in four bytes, little endian, stands before the compressed bytes.
const HEADER: usize = 4;

/// Nothing larger is compressed, and no more is ever made room for on the word of a header: 1 GiB.
const LARGEST: usize = 1 << 30;

/// Fast, and on typical values three quarters of what level 3 saves.
const ZSTD_LEVEL: i32 = 1;

thread_local! {
    static ZSTD: RefCell<Option<(zstd::bulk::Compressor<'static>, zstd::bulk::Decompressor<'static>)>> =
        const { RefCell::new(None) };
}

/// Compresses `bytes` if there are at least `min_size` of them and it makes them fewer.
pub(super) fn compress(
    bytes: Vec<u8>,
    compression: Compression,
    min_size: usize,
) -> Result<(Bytes, Compression)> {
    if compression == Compression::None || bytes.len() < min_size || bytes.len() > LARGEST {
        return Ok((bytes.into(), Compression::None));
    }
    #[cfg(feature = "django")]
    if is_foreign(compression) {
        let compressed = cachemere_django::compression::compress(&bytes, compression);
        let compressed = compressed.map_err(|error| {
            Error::new(ErrorKind::Encode, "the value could not be compressed").with_source(error)
        })?;
        return Ok(if compressed.len() < bytes.len() {
            (compressed.into(), compression)
        } else {
            (bytes.into(), Compression::None)
        });
    }
    let body = match compression {
        Compression::Zstd => {
            with_zstd(|(compressor, _)| compressor.compress(&bytes)).map_err(|error| {
                Error::new(ErrorKind::Encode, "zstd could not compress the value")
                    .with_source(error)
            })?
        }
        _ => lz4_flex::block::compress(&bytes),
    };
    if HEADER + body.len() >= bytes.len() {
        return Ok((bytes.into(), Compression::None));
    }
    let length = u32::try_from(bytes.len()).expect("at most LARGEST");
    let mut compressed = Vec::with_capacity(HEADER + body.len());
    compressed.extend_from_slice(&length.to_le_bytes());
    compressed.extend_from_slice(&body);
    Ok((compressed.into(), compression))
}

/// The value without compression; `None` if the bytes are damaged.
#[inline]
pub(crate) fn decompress(value: Value) -> Option<Value> {
    match value {
        Value::Bytes { format, data } if format.compression != Compression::None => {
            #[cfg(feature = "django")]
            if is_foreign(format.compression) {
                return Some(decompress_foreign(format, data));
            }
            decompress_bytes(format, &data)
        }
        other => Some(other),
    }
}

fn decompress_bytes(format: Format, data: &Bytes) -> Option<Value> {
    let (length, body) = data.split_first_chunk::<HEADER>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > LARGEST.min(body.len().saturating_mul(most_per_byte(format.compression))) {
        return None;
    }
    let bytes = match format.compression {
        Compression::Zstd => {
            with_zstd(|(_, decompressor)| decompressor.decompress(body, length)).ok()?
        }
        _ => lz4_flex::block::decompress(body, length).ok()?,
    };
    let format = Format::new(format.codec, Compression::None);
    (bytes.len() == length).then(|| Value::Bytes {
        format,
        data: bytes.into(),
    })
}

#[cfg(feature = "django")]
fn is_foreign(compression: Compression) -> bool {
    use Compression::{Lz4Frame, Zlib, ZstdFrame};
    matches!(compression, Zlib | ZstdFrame | Lz4Frame)
}

/// What others wrote is not ours to remove: if it is damaged, that comes out where it is decoded.
#[cfg(feature = "django")]
fn decompress_foreign(format: Format, data: Bytes) -> Value {
    match cachemere_django::compression::decompress(&data, format.compression) {
        Ok(bytes) => Value::Bytes {
            format: Format::new(format.codec, Compression::None),
            data: bytes.into(),
        },
        Err(_) => Value::Bytes { format, data },
    }
}

/// More than this cannot come out of a byte: no room is made for what a damaged length claims.
///
/// LZ4 spends a byte on at most 255 of a match; the shortest zstd block takes 4 bytes and holds at most 128 KiB.
const fn most_per_byte(compression: Compression) -> usize {
    match compression {
        Compression::Zstd => (128 << 10) / 4,
        _ => 255,
    }
}

type Zstd = (
    zstd::bulk::Compressor<'static>,
    zstd::bulk::Decompressor<'static>,
);

/// Contexts are large and are reused within a thread.
fn with_zstd<T>(call: impl FnOnce(&mut Zstd) -> std::io::Result<T>) -> std::io::Result<T> {
    ZSTD.with_borrow_mut(|contexts| {
        if contexts.is_none() {
            *contexts = Some((
                zstd::bulk::Compressor::new(ZSTD_LEVEL)?,
                zstd::bulk::Decompressor::new()?,
            ));
        }
        call(contexts.as_mut().expect("it was just made"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cachemere_base::Codec;

    fn compressed(bytes: &[u8], compression: Compression) -> Value {
        let (data, compression) = compress(bytes.to_vec(), compression, 16).unwrap();
        Value::Bytes {
            format: Format::new(Codec::Json, compression),
            data,
        }
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let text = b"to be or not to be, ".repeat(100);
        for compression in [Compression::Zstd, Compression::Lz4] {
            let value = compressed(&text, compression);
            assert!(value.size() < text.len() / 4);
            let Some(Value::Bytes { format, data }) = decompress(value) else {
                panic!("damaged")
            };
            assert_eq!(
                (format, &data[..]),
                (Format::new(Codec::Json, Compression::None), &text[..])
            );
        }
    }

    #[test]
    fn short_values_and_values_that_do_not_shrink_stay_as_they_are() {
        let noise: Vec<u8> = (0..200_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for bytes in [&b"aaaaaaaaaaaaaaa"[..], &noise] {
            let Value::Bytes { format, data } = compressed(bytes, Compression::Zstd) else {
                panic!("not bytes")
            };
            assert_eq!((format.compression, &data[..]), (Compression::None, bytes));
        }
    }

    #[test]
    fn what_shrinks_most_still_comes_back() {
        let zeros = vec![0; 5 << 20];
        for compression in [Compression::Zstd, Compression::Lz4] {
            let value = decompress(compressed(&zeros, compression));
            assert_eq!(value.map(|value| value.size()), Some(zeros.len()));
        }
    }

    #[test]
    fn cut_and_lying_bytes_are_damaged() {
        let text = b"to be or not to be, ".repeat(100);
        for compression in [Compression::Zstd, Compression::Lz4] {
            let Value::Bytes { format, data } = compressed(&text, compression) else {
                panic!("not bytes")
            };
            for cut in 0..data.len() {
                assert_eq!(
                    decompress(Value::Bytes {
                        format,
                        data: data.slice(..cut)
                    }),
                    None
                );
            }
            let mut lying = data.to_vec();
            lying[3] = 0xff;
            assert_eq!(
                decompress(Value::Bytes {
                    format,
                    data: lying.into()
                }),
                None
            );
        }
    }
}

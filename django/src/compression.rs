//! Compression as other clients write it, without a length of ours before it.

use std::io::{self, Read, Write};

use cachemere_base::Compression;

/// Nothing larger is made of compressed bytes: 1 GiB.
const LARGEST: u64 = 1 << 30;

/// The bytes in this compression, which is one of those that others write.
///
/// # Errors
/// If the compressor fails, or there is none.
pub fn compress(bytes: &[u8], compression: Compression) -> io::Result<Vec<u8>> {
    match compression {
        Compression::Zlib => {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
        Compression::ZstdFrame => zstd::stream::encode_all(bytes, zstd::DEFAULT_COMPRESSION_LEVEL),
        Compression::Lz4Frame => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(bytes)?;
            Ok(encoder.finish()?)
        }
        _ => Err(unknown()),
    }
}

/// What these bytes are of. Those after the end are ignored, as Python does: Django leaves some in its files.
///
/// # Errors
/// If they are damaged or more than 1 GiB comes out of them.
pub fn decompress(bytes: &[u8], compression: Compression) -> io::Result<Vec<u8>> {
    match compression {
        Compression::Zlib => read(flate2::read::ZlibDecoder::new(bytes)),
        Compression::ZstdFrame => read(zstd::stream::read::Decoder::new(bytes)?.single_frame()),
        Compression::Lz4Frame => read(lz4_flex::frame::FrameDecoder::new(bytes)),
        _ => Err(unknown()),
    }
}

/// The compression that bytes begin like. No pickle, no JSON text and no MessagePack but of a small integer does.
#[must_use]
pub fn recognized(bytes: &[u8]) -> Compression {
    match bytes {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::ZstdFrame,
        [0x04, 0x22, 0x4d, 0x18, ..] => Compression::Lz4Frame,
        // a window of 32 KiB, and a sum over the header
        [0x78, flags, _, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31) => {
            Compression::Zlib
        }
        _ => Compression::None,
    }
}

fn read(decoder: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    decoder.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("more than 1 GiB comes out of it"));
    }
    Ok(bytes)
}

fn unknown() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "no compression of others")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Compression; 3] = [
        Compression::Zlib,
        Compression::ZstdFrame,
        Compression::Lz4Frame,
    ];

    #[test]
    fn what_is_compressed_is_recognized_and_comes_back() {
        for bytes in [&b""[..], b"short", &b"to be or not to be, ".repeat(100)] {
            for compression in ALL {
                let compressed = compress(bytes, compression).unwrap();
                assert_eq!(recognized(&compressed), compression);
                assert_eq!(decompress(&compressed, compression).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn bytes_after_the_end_are_ignored_and_a_cut_is_an_error() {
        let text = b"to be or not to be, ".repeat(100);
        for compression in [Compression::Zlib, Compression::ZstdFrame] {
            let mut compressed = compress(&text, compression).unwrap();
            let half = &compressed[..compressed.len() / 2];
            assert!(decompress(half, compression).is_err());
            compressed.extend(b"left over");
            assert_eq!(decompress(&compressed, compression).unwrap(), text);
        }
    }

    #[test]
    fn pickles_and_texts_are_not_taken_for_compressed() {
        for bytes in [
            &b"\x80\x05N."[..],
            b"(dp0\n.",
            b"\"x\"",
            b"{}",
            b"\x81\xa1a\x01",
            b"x",
            b"",
        ] {
            assert_eq!(recognized(bytes), Compression::None, "{bytes:?}");
        }
    }
}

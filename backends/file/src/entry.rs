use std::{fs::File, io, path::Path};

use bytes::Bytes;
use cachemere_base::{Expiry, Value};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::{disk, fault::failed};

const MAGIC: [u8; 4] = *b"cmf1";

/// What stands before the key and the value in the file of an entry.
///
/// | bytes | |
/// |---|---|
/// | 0..4 | `cmf1` |
/// | 4 | the tag of the value |
/// | 5..8 | 0 |
/// | 8..16 | the id, by which records of the queue know it |
/// | 16..24 | the expiry in milliseconds |
/// | 24..32 | the length of the key |
/// | 32..40 | the length of the value |
/// | 40..48 | XXH3 of the key and the value |
/// | 48..56 | XXH3 of the bytes before |
///
/// All numbers are little endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) id: u64,
    tag: u8,
    expiry: Expiry,
    key: u64,
    value: u64,
    body: u64,
}

impl Header {
    pub(crate) const LEN: usize = 56;

    /// The header of an entry that has no id yet.
    pub(crate) fn new(key: &str, tag: u8, value: &[u8], expiry: Expiry) -> Self {
        let mut body = Xxh3::new();
        body.update(key.as_bytes());
        body.update(value);
        Self {
            id: 0,
            tag,
            expiry,
            key: key.len() as u64,
            value: value.len() as u64,
            body: body.digest(),
        }
    }

    /// How long the file is.
    pub(crate) fn file_len(&self) -> u64 {
        let body = self.key.saturating_add(self.value);
        body.saturating_add(Self::LEN as u64)
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = self.tag;
        let numbers = [
            self.id,
            self.expiry.to_millis(),
            self.key,
            self.value,
            self.body,
        ];
        for (field, number) in bytes[8..].chunks_exact_mut(8).zip(numbers) {
            field.copy_from_slice(&number.to_le_bytes());
        }
        let sum = xxh3_64(&bytes[..48]);
        bytes[48..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(number)
        };
        let header = Self {
            id: number(8),
            tag: bytes[4],
            expiry: Expiry::from_millis(number(16)),
            key: number(24),
            value: number(32),
            body: number(40),
        };
        (header.to_bytes() == *bytes).then_some(header)
    }

    /// The header that these bytes are, if they are the start of a file of this length.
    fn of(start: &[u8; Self::LEN], len: u64) -> Option<Self> {
        Self::from_bytes(start).filter(|header| header.file_len() == len)
    }
}

/// What takes the place of a header when an entry is given up: unlike zeros, nothing but [`give_up`] writes it.
const GIVEN_UP: [u8; Header::LEN] = {
    let mut bytes = [0; Header::LEN];
    bytes.split_at_mut(4).0.copy_from_slice(b"cmf0");
    bytes
};

/// An intact entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    key: Bytes,
    pub(crate) value: Value,
    pub(crate) expiry: Expiry,
}

impl Entry {
    pub(crate) fn is_of(&self, key: &str) -> bool {
        self.key == key.as_bytes()
    }
}

/// What was found where the file of an entry should be.
#[derive(Debug)]
pub(crate) enum Reading {
    Missing,
    Damaged,
    /// A `set` could neither replace nor remove it.
    GivenUp,
    Intact(Entry),
}

/// So much is read before it is known whether it is an entry.
const AT_ONCE: usize = 16 << 10;

/// Reads the file of an entry and checks every byte of it.
pub(crate) fn read(path: &Path) -> io::Result<Reading> {
    let Some((file, metadata)) = disk::found(disk::open(&disk::reading(), path))? else {
        return Ok(Reading::Missing);
    };
    let Ok(length) = usize::try_from(metadata.len()) else {
        return Err(io::ErrorKind::OutOfMemory.into());
    };
    let mut content = vec![0; length.min(AT_ONCE)];
    disk::read_at(&file, &mut content, 0).map_err(failed(READ, path))?;
    let Some(start) = content.first_chunk() else {
        return Ok(Reading::Damaged);
    };
    if *start == GIVEN_UP {
        return Ok(Reading::GivenUp);
    }
    let Some(header) = Header::of(start, metadata.len()) else {
        return Ok(Reading::Damaged);
    };
    if length > content.len() {
        content.resize(length, 0);
        let rest = disk::read_at(&file, &mut content[AT_ONCE..], AT_ONCE as u64);
        rest.map_err(failed(READ, path))?;
    }
    let mut body = Bytes::from(content).split_off(Header::LEN);
    if xxh3_64(&body) != header.body {
        return Ok(Reading::Damaged);
    }
    let key = body.split_to(header.key as usize);
    Ok(match Value::from_parts(header.tag, body) {
        Some(value) => Reading::Intact(Entry {
            key,
            value,
            expiry: header.expiry,
        }),
        None => Reading::Damaged,
    })
}

/// The file of an entry, as far as the books are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) size: u64,
    /// `None` if it cannot be read.
    pub(crate) id: Option<u64>,
}

/// The size and the id of the file of an entry, without a look at its value.
pub(crate) fn find(path: &Path) -> io::Result<Option<Found>> {
    let (file, metadata) = match disk::open(&disk::reading(), path) {
        Ok(opened) => opened,
        Err(error) if [io::ErrorKind::NotFound, disk::NOT_REGULAR].contains(&error.kind()) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let size = metadata.len();
    let id = Header::of(&start_of(&file, path)?, size).map(|header| header.id);
    Ok(Some(Found { size, id }))
}

/// Makes a miss of an entry without the lock. Its file stays where it is and as long as it is, since only who has the
/// lock may change the books; whoever has it next removes the file.
pub(crate) fn give_up(path: &Path) -> io::Result<()> {
    let Some((file, metadata)) = disk::found(disk::open(&disk::private(), path))? else {
        return Ok(());
    };
    if metadata.len() >= Header::LEN as u64 {
        disk::write_at(&file, &GIVEN_UP, 0)?;
    }
    Ok(())
}

/// The first bytes of a file, and zeros for those that it has not.
fn start_of(file: &File, path: &Path) -> io::Result<[u8; Header::LEN]> {
    let mut start = [0; Header::LEN];
    disk::read_at(file, &mut start, 0).map_err(failed(READ, path))?;
    Ok(start)
}

const READ: &str = "could not be read";

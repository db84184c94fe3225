use std::mem;

use cachemere_base::{Expiry, Value};

/// An entry in its place.
pub(crate) struct Slot {
    pub(crate) name: Name,
    pub(crate) entry: Entry,
    /// When it was last used: the later, the higher. 0 where there is no entry.
    pub(crate) used: u64,
}

pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) expiry: Expiry,
}

impl Slot {
    /// Takes the entry out.
    pub(crate) fn empty(&mut self) -> Self {
        let nothing = Self {
            name: Name::new(b""),
            entry: Entry {
                value: Value::Int(0),
                expiry: Expiry::NEVER,
            },
            used: 0,
        };
        mem::replace(self, nothing)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// What it counts for MAX_BYTES.
    pub(crate) fn size(&self) -> u64 {
        size(self.name.as_bytes(), &self.entry.value)
    }
}

/// What an entry counts for MAX_BYTES.
pub(crate) fn size(key: &[u8], value: &Value) -> u64 {
    (key.len() + value.size()) as u64
}

const INLINE: usize = 22;

/// A key as it is stored: in 24 bytes, and up to 22 without an allocation.
pub(crate) enum Name {
    Inline { length: u8, bytes: [u8; INLINE] },
    Boxed(Box<[u8]>),
}

impl Name {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut bytes = [0; INLINE];
        match bytes.get_mut(..key.len()) {
            Some(start) => {
                start.copy_from_slice(key);
                Self::Inline {
                    length: key.len() as u8,
                    bytes,
                }
            }
            None => Self::Boxed(key.into()),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Self::Boxed(bytes) => bytes,
        }
    }
}

#[cfg(test)]
impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}

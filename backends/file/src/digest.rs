use std::fmt;

use xxhash_rust::xxh3::xxh3_128;

/// What names the file of a key: 32 hexadecimal digits, the first two of which name its folder.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 16]);

impl Digest {
    pub(crate) fn of(key: &str) -> Self {
        Self(xxh3_128(key.as_bytes()).to_be_bytes())
    }

    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The digest of a file, from the names of its folder and its own; `None` for a foreign one.
    pub(crate) fn from_names(folder: &str, file: &str) -> Option<Self> {
        let hex = [folder, file].concat();
        let digest = Self(u128::from_str_radix(&hex, 16).ok()?.to_be_bytes());
        (folder.len() == 2 && digest.to_string() == hex).then_some(digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_digest_are_foreign() {
        let hex = Digest::of("user:1").to_string();
        let digest = Digest::from_names(&hex[..2], &hex[2..]).unwrap();
        assert_eq!(digest, Digest::of("user:1"));
        for (folder, file) in [("ab", "x"), ("+1", &hex[2..]), (&hex[..3], &hex[3..])] {
            assert_eq!(Digest::from_names(folder, file), None);
        }
        assert_eq!(
            Digest::from_names(&hex[..2], &hex[2..].to_uppercase()),
            None
        );
    }
}

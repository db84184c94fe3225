use std::{fmt, str::FromStr};

/// The release of Django whose keys an alias speaks: `OPTIONS.DJANGO`, the newest one unless it says otherwise.
///
/// A text without a patch, `5.2`, means the newest patch of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Django {
    branch: (u16, u16),
    patch: Option<u16>,
}

impl Django {
    /// What a text has to be, for messages.
    pub(crate) const EXPECTED: &str =
        "a version of Django, 4.0 to 6.1, as text: `\"5.2\"` (its newest patch) or `\"5.2.18\"`";

    /// The branches whose keys are known, and the first patch of each that tells an absent header from an empty one.
    const BRANCHES: [((u16, u16), Option<u16>); 8] = [
        ((4, 0), None),
        ((4, 1), None),
        ((4, 2), None),
        ((5, 0), None),
        ((5, 1), None),
        ((5, 2), Some(19)),
        ((6, 0), Some(10)),
        ((6, 1), Some(3)),
    ];

    /// Whether a digest takes every value as a netstring, `3:abc,`: from 6.1 on. Earlier, a fragment's values end in a
    /// colon each, and a page's headers follow one another with nothing between.
    pub(crate) fn takes_netstrings(self) -> bool {
        self.branch >= (6, 1)
    }

    /// Whether the digest of a page takes a header that the request does not have as `-,`; else as an empty one.
    #[cfg_attr(
        not(any(test, feature = "http")),
        expect(dead_code, reason = "for the keys of pages")
    )]
    pub(crate) fn marks_absent_headers(self) -> bool {
        let known = Self::BRANCHES.iter().find(|known| known.0 == self.branch);
        match known.and_then(|known| known.1) {
            Some(first) => self.patch.is_none_or(|patch| patch >= first),
            None => false,
        }
    }
}

impl Default for Django {
    fn default() -> Self {
        Self {
            branch: (6, 1),
            patch: None,
        }
    }
}

impl FromStr for Django {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('.').map(|part| match part.as_bytes() {
            [b'0'] | [b'1'..=b'9', ..] => part.parse::<u16>().map_err(drop),
            _ => Err(()),
        });
        let mut next = || numbers.next().transpose();
        let (Some(major), Some(minor), patch, None) = (next()?, next()?, next()?, next()?) else {
            return Err(());
        };
        let branch = (major, minor);
        match Self::BRANCHES.iter().any(|known| known.0 == branch) {
            true => Ok(Self { branch, patch }),
            false => Err(()),
        }
    }
}

impl fmt::Display for Django {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.branch.0, self.branch.1)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn django(text: &str) -> Django {
        text.parse().unwrap()
    }

    #[test]
    fn digests_take_netstrings_from_6_1_on() {
        for text in ["6.1", "6.1.0", "6.1.2", "6.1.3", "6.1.40"] {
            assert!(django(text).takes_netstrings(), "{text}");
        }
        for text in ["4.0", "4.2.30", "5.2", "5.2.19", "6.0", "6.0.10"] {
            assert!(!django(text).takes_netstrings(), "{text}");
        }
        assert!(Django::default().takes_netstrings());
    }

    #[test]
    fn absent_headers_are_marked_from_one_patch_of_each_branch_on() {
        for text in ["5.2", "5.2.19", "5.2.20", "6.0", "6.0.10", "6.1", "6.1.3"] {
            assert!(django(text).marks_absent_headers(), "{text}");
        }
        for text in ["4.0", "4.2", "4.2.30", "5.1.15", "5.2.18", "6.0.9", "6.1.2"] {
            assert!(!django(text).marks_absent_headers(), "{text}");
        }
        assert!(Django::default().marks_absent_headers());
    }

    #[test]
    fn a_text_that_is_no_known_version_is_refused() {
        for text in [
            "",
            "5",
            "5.",
            "5.2.",
            "5.2.1.0",
            "3.2",
            "5.3",
            "6.2",
            "7.0",
            "05.2",
            "5.02",
            "5.+2",
            "5.2.x",
            "-5.2",
            " 5.2",
            "5.2.70000",
            "latest",
        ] {
            assert_eq!(text.parse::<Django>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_version_reads_as_it_is_written() {
        for text in ["4.0", "5.2", "5.2.0", "5.2.18", "6.1.3"] {
            assert_eq!(django(text).to_string(), text);
        }
    }
}

use std::fmt;

/// Where a key stands: `CACHES.sessions.OPTIONS.MAX_ENTRIES`, with `[1]` for the members of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyPath(Vec<String>);

impl KeyPath {
    pub(super) fn new<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    pub(super) fn join(&self, key: &str) -> Self {
        let mut joined = self.clone();
        joined.0.push(key.to_owned());
        joined
    }

    pub(super) fn index(&self, index: usize) -> Self {
        self.join(&format!("[{index}]"))
    }

    pub(super) fn segments(&self) -> &[String] {
        &self.0
    }

    pub(super) fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// The same path with `from` at its beginning replaced by `to`.
    pub(super) fn moved(&self, from: &Self, to: &Self) -> Self {
        let rest = self.0.iter().skip(from.0.len());
        Self(to.0.iter().chain(rest).cloned().collect())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            let is_index = segment.starts_with('[') && segment.ends_with(']');
            if position > 0 && !is_index {
                f.write_str(".")?;
            }
            if is_index || is_bare(segment) {
                f.write_str(segment)?;
            } else {
                write!(f, "{segment:?}")?;
            }
        }
        Ok(())
    }
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(is_bare_character)
}

/// Whether TOML allows the character in a key without quotes.
pub(super) fn is_bare_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_need_quotes_have_them() {
        let path = KeyPath::new(["CACHES", "a.b", "LOCATION"]).index(1);
        assert_eq!(path.to_string(), "CACHES.\"a.b\".LOCATION[1]");
    }
}

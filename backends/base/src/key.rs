use std::{borrow::Borrow, borrow::Cow, fmt, hash, ops::Deref, sync::Arc};

use arrayvec::ArrayString;

const INLINE: usize = 63;

/// A final key, `prefix:version:key`, as the store sees it.
///
/// Keys up to 63 bytes live on the stack; longer ones are shared. [`Debug`](fmt::Debug) shows at most 32 characters.
#[derive(Clone)]
pub struct Key(Repr);

#[derive(Clone)]
enum Repr {
    Inline(ArrayString<INLINE>),
    Shared(Arc<str>),
}

impl Key {
    /// The key with this text.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self::concat(&[key])
    }

    /// The key whose text is these parts, one after the other.
    #[must_use]
    #[inline]
    pub fn concat(parts: &[&str]) -> Self {
        let mut inline = ArrayString::new();
        for part in parts {
            if inline.try_push_str(part).is_err() {
                return Self(Repr::Shared(parts.concat().into()));
            }
        }
        Self(Repr::Inline(inline))
    }

    /// The text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Inline(key) => key,
            Repr::Shared(key) => key,
        }
    }

    /// The key for a message: at most 32 characters of it.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        Shown(self)
    }

    /// What memcached would refuse in this key: over 250 characters, blanks and control characters.
    ///
    /// Django's rule for portable keys, in Django's order: the length first. A character is a Unicode code point.
    #[must_use]
    pub fn problems(&self) -> Vec<KeyProblem> {
        let mut problems = Vec::new();
        if self.len() > 250 && self.chars().count() > 250 {
            problems.push(KeyProblem::TooLong {
                characters: self.chars().count(),
            });
        }
        if let Some(character) = self.chars().find(|c| is_refused(*c)) {
            problems.push(KeyProblem::Character(character));
        }
        problems
    }

    /// Whether [`problems`](Self::problems) would find none, without looking for them one by one.
    #[must_use]
    #[inline]
    pub fn is_portable(&self) -> bool {
        self.len() <= 250 && !has_refused(self.as_bytes())
    }
}

/// Whether one of the bytes is at most `' '` or is 0x7f; eight at a time, for each operation asks.
fn has_refused(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.iter().any(|b| *b <= b' ' || *b == 0x7f);
    };
    let words = bytes.as_chunks().0.iter();
    words.fold(refused_in(*last), |refused, word| {
        refused | refused_in(*word)
    }) != 0
}

/// Not 0 if one of the bytes is [refused](has_refused): <https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord>.
fn refused_in(bytes: [u8; 8]) -> u64 {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_ne_bytes(bytes);
    let without_delete = word ^ (EACH * 0x7f);
    let low = word.wrapping_sub(EACH * 0x21) & !word;
    let delete = without_delete.wrapping_sub(EACH) & !without_delete;
    (low | delete) & (EACH * 0x80)
}

fn is_refused(c: char) -> bool {
    c <= ' ' || c == '\u{7f}'
}

impl Deref for Key {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self::new(&key)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key {}

impl hash::Hash for Key {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.shown(), f)
    }
}

/// A key as messages show it: in backticks, escaped, cut after 32 characters.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(&'a str);

impl<'a> Shown<'a> {
    /// Shows this text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self(text)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for c in self.0.chars().take(32) {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?
            } else {
                write!(f, "{c}")?
            }
        }
        f.write_str(if self.0.chars().nth(32).is_some() {
            "…`"
        } else {
            "`"
        })
    }
}

/// What a backend says of a key before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyCheck {
    /// Nothing is wrong with it.
    Good,
    /// It works here, but would not everywhere: a warning is logged and the operation goes on.
    Warn(Vec<KeyProblem>),
    /// It does not work here: the operation is an error and does nothing.
    Refuse(Vec<KeyProblem>),
}

/// One thing that is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyProblem {
    /// Longer than the 250 characters that memcached takes.
    TooLong {
        /// The length in characters (code points).
        characters: usize,
    },
    /// Has a blank or a control character, which memcached refuses.
    Character(char),
    /// Something that only this backend minds; completes the sentence "the key …".
    Other(Cow<'static, str>),
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { characters } => {
                write!(f, "has {characters} characters, memcached allows 250")
            }
            Self::Character(' ') => f.write_str("has a blank, which memcached refuses"),
            Self::Character(c) => {
                write!(
                    f,
                    "has the control character U+{:04X}, which memcached refuses",
                    u32::from(*c)
                )
            }
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_keys_with_one_text_are_equal() {
        let long = "k".repeat(64);
        assert_eq!(Key::new(&long), Key::concat(&[&long[..10], &long[10..]]));
        assert_ne!(Key::new(&long), Key::new(&long[..63]));
    }

    #[test]
    fn debug_shows_at_most_32_characters() {
        assert_eq!(
            format!("{:?}", Key::new(&"é".repeat(33))),
            format!("`{}…`", "é".repeat(32))
        );
        assert_eq!(format!("{:?}", Key::new("a\nb")), "`a\\nb`");
    }

    #[test]
    fn is_portable_agrees_with_problems_wherever_a_character_is() {
        for c in (0..=0x7f)
            .map(char::from)
            .chain(['\u{80}', 'é', '清', '😀'])
        {
            for before in 0..20 {
                for after in [0, 1, 7, 8] {
                    let text = format!("{}{c}{}", "a".repeat(before), "~".repeat(after));
                    let key = Key::new(&text);
                    assert_eq!(key.is_portable(), key.problems().is_empty(), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Key::new(&"清".repeat(250)).problems().is_empty());
        assert_eq!(
            Key::new(&"清".repeat(251)).problems(),
            [KeyProblem::TooLong { characters: 251 }]
        );
    }
}

use std::{collections::BTreeMap, fs, path::Path};

use cachemere_base::{Backend, Key, Value};
use cachemere_file::File;

use crate::{content, open};

/// One write, of which every step is a point to be killed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they tell what they do")]
pub enum Scenario {
    First,
    Insert,
    Replace,
    Add,
    Incr,
    Touch,
    Delete,
    SetExpired,
    RemoveDamaged,
    Cull,
    CullAll,
    Clear,
    Rebuild,
}

/// What a store holds, by key.
type Content = BTreeMap<&'static str, Value>;

const OLD: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::First,
        Self::Insert,
        Self::Replace,
        Self::Add,
        Self::Incr,
        Self::Touch,
        Self::Delete,
        Self::SetExpired,
        Self::RemoveDamaged,
        Self::Cull,
        Self::CullAll,
        Self::Clear,
        Self::Rebuild,
    ];

    /// The scenario with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scenario| format!("{scenario:?}") == name)
    }

    /// How many entries the store may hold.
    #[must_use]
    pub fn max_entries(self) -> u64 {
        match self {
            Self::Cull | Self::CullAll => 7,
            _ => 1000,
        }
    }

    /// The store, with the limits that the scenario needs.
    #[must_use]
    pub fn open(self, location: &Path) -> File {
        let cull_frequency = if self == Self::CullAll { 0 } else { 2 };
        open(location, self.max_entries(), cull_frequency)
    }

    /// Fills the store with what is there before the write.
    pub fn prepare(self, location: &Path) {
        if self == Self::First {
            return;
        }
        let file = self.open(location);
        for (key, value) in self.before() {
            file.set(&Key::new(key), value, None).unwrap();
        }
        match self {
            Self::RemoveDamaged => damage(location),
            Self::Rebuild => fs::remove_file(location.join("cachemere/index")).unwrap(),
            _ => {}
        }
    }

    /// The write.
    pub fn run(self, file: &File) {
        let key = Key::new;
        match self {
            Self::First | Self::Insert | Self::Cull | Self::CullAll | Self::Rebuild => {
                file.set(&key("new"), content("new", 1), None).unwrap();
            }
            Self::Replace => file.set(&key("a"), content("a", 2), None).unwrap(),
            Self::Add => assert!(file.add(&key("new"), content("new", 1), None).unwrap()),
            Self::Incr => assert_eq!(file.incr(&key("count"), 1).unwrap(), Some(10)),
            Self::Touch => assert!(file.touch(&key("a"), None).unwrap()),
            Self::Delete => assert!(file.delete(&key("a")).unwrap()),
            Self::SetExpired => {
                let zero = Some(std::time::Duration::ZERO);
                file.set(&key("a"), content("a", 2), zero).unwrap();
            }
            Self::RemoveDamaged => assert_eq!(file.get(&key("a")).unwrap(), None),
            Self::Clear => file.clear().unwrap(),
        }
    }

    /// What is there before.
    #[must_use]
    pub fn before(self) -> Content {
        if self == Self::First {
            return Content::new();
        }
        let mut content: Content = OLD.map(|key| (key, content(key, 1))).into();
        content.insert("count", Value::Int(9));
        content
    }

    /// What is there after.
    #[must_use]
    pub fn after(self) -> Content {
        let mut after = self.before();
        match self {
            Self::First | Self::Insert | Self::Add | Self::Rebuild => {}
            Self::Replace => drop(after.insert("a", content("a", 2))),
            Self::Incr => drop(after.insert("count", Value::Int(10))),
            Self::Touch => {}
            Self::Delete | Self::SetExpired | Self::RemoveDamaged => drop(after.remove("a")),
            Self::Cull => after.retain(|key, _| !["a", "b", "c"].contains(key)),
            Self::CullAll | Self::Clear => after.clear(),
        }
        let inserts = [
            Self::First,
            Self::Insert,
            Self::Add,
            Self::Rebuild,
            Self::Cull,
            Self::CullAll,
        ];
        if inserts.contains(&self) {
            after.insert("new", content("new", 1));
        }
        after
    }
}

/// Changes the end of the file of `a`, which is the one that has its key.
fn damage(location: &Path) {
    let folders = fs::read_dir(location.join("cachemere/entries")).unwrap();
    for folder in folders {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let mut bytes = fs::read(&path).unwrap();
            if bytes.windows(4).any(|window| window == b"a|1|") {
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(&path, bytes).unwrap();
            }
        }
    }
}

//! What stands for `databases.rs` where no backend uses databases.

use cachemere_base::Context;

use super::{fields::Shape, path::KeyPath, reader::Reader, vocabulary::DATABASES};

pub(super) fn shape() -> Option<Shape> {
    None
}

pub(super) fn names() -> Vec<&'static str> {
    Vec::new()
}

impl Reader<'_> {
    /// Refuses databases, which nothing would use.
    pub(super) fn open_databases(&mut self, _: &Context) {
        let path = KeyPath::new([DATABASES]);
        if self.tree.get(&path).is_some() {
            let message = "databases are not compiled in; enable the feature `db`";
            self.problems
                .add(self.tree.key_place(&path), &path, message);
        }
    }

    pub(super) fn is_lost_database(&self, _: &KeyPath) -> bool {
        false
    }
}

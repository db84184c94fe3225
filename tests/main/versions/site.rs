use std::ops::Deref;

use cachemere::Caches;
use tempfile::TempDir;

/// Caches with versions in an SQLite file of their own.
pub(super) struct Site {
    caches: Caches,
    _folder: TempDir,
    toml: String,
}

impl Deref for Site {
    type Target = Caches;

    fn deref(&self) -> &Caches {
        &self.caches
    }
}

impl Site {
    /// With these lines in `[VERSIONS]`.
    pub(super) fn new(versions: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("versions.sqlite3");
        let toml = format!(
            "[DATABASES]\ndefault = 'sqlite:{}'\n[VERSIONS]\n{versions}\n[CACHES.default]\nBACKEND = 'locmem'\n",
            file.display()
        );
        Self {
            caches: Caches::from_toml(&toml).unwrap(),
            _folder: folder,
            toml,
        }
    }

    /// Caches as another process has them, with these lines in `[VERSIONS]`.
    pub(super) fn another(&self, versions: &str) -> Caches {
        let (before, after) = self.toml.split_once("[VERSIONS]\n").unwrap();
        let rest = after.split_once("[CACHES").unwrap().1;
        Caches::from_toml(&format!("{before}[VERSIONS]\n{versions}\n[CACHES{rest}")).unwrap()
    }
}

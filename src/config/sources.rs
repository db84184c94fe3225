use std::{
    fmt,
    path::{Path, PathBuf},
};

use cachemere_base::{Error, ErrorKind, Result};
use figment::value::Value;

/// The variable that names files.
const FILES: &str = "CACHES_FILE";
/// The file that is read if no variable names one.
const FILE: &str = "caches.toml";
/// What the variables begin with that set a key of a cache.
pub(super) const PREFIX: &str = "CACHES__";

/// Where a configuration comes from; what comes later overrides what comes earlier.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    /// In their order; an alias in a later one replaces the whole alias of an earlier one.
    pub(super) documents: Vec<Document>,
    /// What overrides single keys, and what `${…}` stands for; `None`: the environment is not read.
    pub(super) environment: Option<Vec<(String, String)>>,
    /// Alias, key with dots (`OPTIONS.MAX_ENTRIES`), value.
    pub(super) settings: Vec<(String, String, Value)>,
}

/// A TOML document.
#[derive(Clone)]
pub(super) enum Document {
    File(PathBuf),
    Text { name: String, text: String },
}

impl Document {
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text { name, .. } => name.clone(),
        }
    }
}

impl Sources {
    pub(crate) fn add_file(&mut self, path: PathBuf) {
        self.documents.push(Document::File(path));
    }

    /// Adds a document that is given in code; problems show the name.
    pub(crate) fn add_text(&mut self, name: &str, text: &str) {
        self.documents.push(Document::Text {
            name: name.to_owned(),
            text: text.to_owned(),
        });
    }

    pub(crate) fn set_environment(&mut self, variables: Vec<(String, String)>) {
        self.environment = Some(variables);
    }

    /// Adds a setting that is given in code: `OPTIONS.MAX_ENTRIES` is a key.
    pub(crate) fn add_setting(&mut self, alias: &str, key: &str, value: Value) {
        self.settings
            .push((alias.to_owned(), key.to_owned(), value));
    }

    /// The files that `CACHES_FILE` names, or `caches.toml` in the working directory, and the variables.
    ///
    /// # Errors
    /// If there is neither a file nor a variable that configures an alias.
    pub(crate) fn discover(variables: Vec<(String, String)>) -> Result<Self> {
        Self::discover_in(Path::new(""), variables)
    }

    pub(super) fn discover_in(folder: &Path, variables: Vec<(String, String)>) -> Result<Self> {
        let file = folder.join(FILE);
        let files = named_files(&variables).unwrap_or_else(|| {
            let is_there = file.try_exists().unwrap_or(true);
            is_there.then(|| file.clone()).into_iter().collect()
        });
        let configures = |(name, _): &(String, String)| name.starts_with(PREFIX);
        if files.is_empty() && !variables.iter().any(configures) {
            let tried = std::path::absolute(&file).unwrap_or(file);
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "no configuration: there is no file `{}`, `{FILES}` is not set, and no variable `{PREFIX}…` is; \
                     write the file, name one by `{FILES}`, or set `{PREFIX}DEFAULT__BACKEND`",
                    tried.display()
                ),
            ));
        }
        Ok(Self {
            documents: files.into_iter().map(Document::File).collect(),
            environment: Some(variables),
            ..Self::default()
        })
    }
}

fn named_files(variables: &[(String, String)]) -> Option<Vec<PathBuf>> {
    let (_, names) = variables.iter().find(|(name, _)| name == FILES)?;
    let files: Vec<_> = std::env::split_paths(names)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    (!files.is_empty()).then_some(files)
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let documents: Vec<_> = self.documents.iter().map(Document::name).collect();
        let settings = self.settings.iter();
        let settings: Vec<_> = settings.map(|(alias, key, _)| (alias, key)).collect();
        f.debug_struct("Sources")
            .field("documents", &documents)
            .field("reads_environment", &self.environment.is_some())
            .field("settings", &settings)
            .finish()
    }
}

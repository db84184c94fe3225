use super::{path::KeyPath, reader::Reader, vocabulary::BACKEND};
use crate::registry::{DEFAULT_KEY_FUNCTION, KeyFunction, Opener};
use crate::suggestion::{listed, suggest};

/// What BACKEND names.
pub(super) enum Named {
    /// A backend, by this name, or by one that is nearly it.
    Known(String, Opener),
    /// One that is not registered.
    Unknown,
    /// None: it is missing, or no text.
    Nothing,
}

impl Named {
    pub(super) fn opener(&self) -> Option<Opener> {
        match self {
            Self::Known(_, opener) => Some(*opener),
            Self::Unknown | Self::Nothing => None,
        }
    }
}

impl Reader<'_> {
    /// The backend that BACKEND names, or else the one that was probably meant.
    pub(super) fn backend(&mut self, alias: &KeyPath) -> Named {
        let path = &alias.join(BACKEND);
        let shown_names = listed(self.registry.shown_backend_names());
        if self.tree.get(path).is_none() {
            let message = format!("is missing; there are {shown_names}");
            if !self.problems.is_incomplete(alias) {
                self.problems.add(self.tree.key_place(path), path, message);
            }
            return Named::Nothing;
        }
        let Some(name) = self.text(path) else {
            return Named::Nothing;
        };
        if let Some(opener) = self.registry.backend(&name) {
            return Named::Known(name, opener);
        }
        let shown = self
            .shown(path)
            .map_or_else(String::new, |name| format!(" {name}"));
        let meant = suggest(&name, self.registry.backend_names());
        let message = match (self.registry.missing_feature(&name), meant) {
            (Some(feature), _) => format!(
                "the backend `{feature}` is not compiled in; enable the feature `{feature}` (have: {})",
                self.registry.shown_backend_names().join(", ")
            ),
            (None, Some(meant)) => format!("unknown backend{shown}, did you mean `{meant}`?"),
            (None, None) => format!(
                "unknown backend{shown}; there are {shown_names}; others are registered with \
                 `cachemere::register_backend!` (in a crate that the program uses: one that nobody mentions is not \
                 linked) or on the builder"
            ),
        };
        let meant = meant.map(str::to_owned);
        self.problems
            .add(self.tree.value_place(path), path, message);
        let meant = meant.and_then(|meant| Some((self.registry.backend(&meant)?, meant)));
        meant.map_or(Named::Unknown, |(opener, meant)| {
            Named::Known(meant, opener)
        })
    }

    pub(super) fn key_function(&mut self, path: &KeyPath) -> Option<KeyFunction> {
        let name = self.text(path)?;
        let function = self.registry.key_function(&name);
        if function.is_some() || name == DEFAULT_KEY_FUNCTION {
            return function;
        }
        let shown = self
            .shown(path)
            .map_or_else(String::new, |name| format!(" {name}"));
        let names = self.registry.key_function_names();
        let message = match suggest(&name, names.iter().copied()) {
            Some(meant) => format!("unknown key function{shown}, did you mean `{meant}`?"),
            None => format!(
                "unknown key function{shown}; {}; they are registered with `cachemere::register_key_function!` (in a \
                 crate that the program uses: one that nobody mentions is not linked) or on the builder",
                match names.is_empty() {
                    true => "none is registered".to_owned(),
                    false => format!("there are {}", listed(names)),
                }
            ),
        };
        self.problems
            .add(self.tree.value_place(path), path, message);
        None
    }
}

use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, Compression, Context, Error, Settings, Wait};
use figment::value::Value;
use serde::Deserialize;

use super::{
    alias::{Alias, OnError},
    layer::Origin,
    names::Named,
    path::KeyPath,
    place::Place,
    reader::Reader,
    secret::{is_secret, masked, passwords, scrubbed},
    vocabulary::*,
};
use crate::{
    Version,
    codec::{DJANGO_SERIALIZERS, SERIALIZERS},
    django::Django,
    registry::Opener,
};

const COMPRESSORS: [(&str, Compression); 3] = [
    ("none", Compression::None),
    ("zstd", Compression::Zstd),
    ("lz4", Compression::Lz4),
];
/// Those of django-redis.
const DJANGO_COMPRESSORS: [(&str, Compression); 4] = [
    ("none", Compression::None),
    ("zlib", Compression::Zlib),
    ("zstd", Compression::ZstdFrame),
    ("lz4", Compression::Lz4Frame),
];
const FORMATS: [(&str, Format); 2] = [("cachemere", Format::Own), ("django", Format::Django)];
const ON_ERRORS: [(&str, OnError); 2] = [("raise", OnError::Raise), ("miss", OnError::Miss)];

/// Whose entries an alias has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Own,
    Django,
}

impl Reader<'_> {
    /// One alias, opened; `None` if there is a problem.
    pub(super) fn alias(&mut self, name: &str, context: &Context) -> Option<Alias> {
        let path = KeyPath::new([CACHES, name]);
        let options = path.join(OPTIONS);
        self.check_alias(&path);
        let backend = self.backend(&path);
        self.check_options(&path, &backend);

        let timeout = self.ttl(&path.join(TIMEOUT));
        let key_prefix = self.text(&path.join(KEY_PREFIX));
        let version = self.version(&path.join(VERSION));
        let key_function = self.key_function(&path.join(KEY_FUNCTION));
        let format = self.format(&options.join(FORMAT));
        let (serializers, compressors) = match format {
            Format::Own => (&SERIALIZERS[..], &COMPRESSORS[..]),
            Format::Django => (&DJANGO_SERIALIZERS[..], &DJANGO_COMPRESSORS[..]),
        };
        let serializer = self.choice(&options.join(SERIALIZER), serializers);
        let serializer = serializer.unwrap_or(serializers[0].1);
        let compressor = self.choice(&options.join(COMPRESSOR), compressors);
        let compressor_min_size = self.count(&options.join(COMPRESSOR_MIN_SIZE));
        let on_error = self.on_error(&options);
        let key_warnings = self.flag(&options.join(KEY_WARNINGS));
        let get_or_set_wait = self.wait(&options.join(GET_OR_SET_WAIT));
        let django = self.django(&options.join(DJANGO));

        let (used, opener) = match backend {
            Named::Known(used, opener) => (used, Some(opener)),
            Named::Nothing => (String::new(), self.fitting(&options)),
            Named::Unknown => (String::new(), None),
        };
        let on_error = on_error.unwrap_or(OnError::Raise);
        let settings = self
            .settings(name, &used, &path)
            .with_codec(serializer)
            .with_forgiveness(on_error == OnError::Miss);
        let opener = opener?;
        self.check_tables(&options, opener);
        let own = self.own_options(&options, opener.shape(), &COMMON)?;
        let context = context.for_alias();
        let backend = self.open(&path, opener, format, &settings, &own, &context)?;
        Some(Alias {
            name: name.to_owned(),
            settings,
            backend,
            counters: context.counters(),
            clock: context.clock(),
            location_shown: self.location_shown(&path.join(LOCATION)),
            timeout: timeout.unwrap_or(Some(Duration::from_secs(300))),
            key_prefix: key_prefix.unwrap_or_default(),
            version: version.unwrap_or_default(),
            key_function,
            serializer,
            compressor: compressor.unwrap_or(Compression::None),
            compressor_min_size: compressor_min_size
                .map_or(1024, |size| usize::try_from(size).unwrap_or(usize::MAX)),
            on_error,
            key_warnings: key_warnings.unwrap_or(true),
            get_or_set_wait: get_or_set_wait.unwrap_or(Duration::from_secs(5)),
            django: django.unwrap_or_default(),
            is_djangos: format == Format::Django,
            notes: self.notes(&options),
        })
    }

    fn settings(&mut self, alias: &str, backend: &str, path: &KeyPath) -> Settings {
        let location = self.texts(&path.join(LOCATION));
        let options = path.join(OPTIONS);
        let mut settings = Settings::new(alias, backend)
            .with_location(location.unwrap_or_default())
            .with_given(self.tree.keys(&options));
        if let Some(max_entries) = self.count(&options.join(MAX_ENTRIES)) {
            settings = settings.with_max_entries(max_entries);
        }
        if let Some(cull_frequency) = self.count(&options.join(CULL_FREQUENCY)) {
            settings = settings.with_cull_frequency(cull_frequency);
        }
        settings
    }

    /// A whole number or text.
    fn version(&mut self, path: &KeyPath) -> Option<Version> {
        let version = match self.tree.get(path)? {
            Value::String(_, text) => Some(Version::from(text)),
            Value::Num(_, number) => {
                let unsigned = number
                    .to_u128_lossy()
                    .and_then(|wide| i64::try_from(wide).ok());
                let number = unsigned.or_else(|| number.to_i128()?.try_into().ok());
                number.map(Version::Number)
            }
            _ => None,
        };
        match version {
            Some(version) => Some(version),
            None => self.refuse(path, "expected a whole number or text"),
        }
    }

    fn on_error(&mut self, options: &KeyPath) -> Option<OnError> {
        let (path, synonym) = (options.join(ON_ERROR), options.join(IGNORE_EXC));
        let on_error = self.choice(&path, &ON_ERRORS);
        let ignores = self.flag(&synonym);
        if self.tree.get(&path).is_some() && self.tree.get(&synonym).is_some() {
            let message = format!("says what `{ON_ERROR}` says; give one of them");
            self.problems
                .add(self.tree.key_place(&synonym), &synonym, message);
        }
        on_error.or(ignores.map(|ignores| match ignores {
            true => OnError::Miss,
            false => OnError::Raise,
        }))
    }

    fn wait(&mut self, path: &KeyPath) -> Option<Duration> {
        match Wait::deserialize(self.tree.get(path)?) {
            Ok(wait) => Some(wait.duration()),
            Err(_) => self.refuse(path, &format!("expected {}", Wait::EXPECTED)),
        }
    }

    fn format(&mut self, path: &KeyPath) -> Format {
        let format = self.choice(path, &FORMATS).unwrap_or(Format::Own);
        if format == Format::Django && cfg!(not(feature = "django")) {
            let message = "`django` is not compiled in; enable feature `django`".to_owned();
            self.problems
                .add(self.tree.value_place(path), path, message);
            return Format::Own;
        }
        format
    }

    fn django(&mut self, path: &KeyPath) -> Option<Django> {
        let text = self.tree.get(path)?.as_str();
        match text.map(str::parse) {
            Some(Ok(django)) => Some(django),
            _ => self.refuse(path, &format!("expected {}", Django::EXPECTED)),
        }
    }

    fn open(
        &mut self,
        path: &KeyPath,
        opener: Opener,
        format: Format,
        settings: &Settings,
        options: &Value,
        context: &Context,
    ) -> Option<Arc<dyn Backend>> {
        match opener.open(format == Format::Django, settings, options, context) {
            Ok(backend) => Some(backend),
            Err(error) => self.refuse_opening(path, &error),
        }
    }

    /// What could not be opened: a problem, unless it follows from another one.
    pub(super) fn refuse_opening<T>(&mut self, path: &KeyPath, error: &Error) -> Option<T> {
        let setting = error.setting_path().unwrap_or_default();
        let keys = setting.split('.').filter(|key| !key.is_empty());
        let at = keys.fold(path.clone(), |path, key| path.join(key));
        let message = scrubbed(error.message(), &self.secrets(path));
        let is_left_out = at == *path || self.tree.get(&at).is_none();
        let lacks_some = self.problems.is_spoiled(path) || self.problems.is_incomplete(path);
        // what a backend misses may be what another problem kept from it
        let is_follow_up = self.problems.is_spoiled(&at)
            || is_left_out && lacks_some
            || self.is_lost_database(&at);
        if !is_follow_up {
            let place = match is_left_out {
                true => self.tree.key_place(&at),
                false => self.tree.value_place(&at),
            };
            self.problems.add(place, &at, message);
        }
        None
    }

    /// LOCATION to show: as it is written, without passwords.
    fn location_shown(&self, path: &KeyPath) -> String {
        let shown = |path: &KeyPath| match (self.tree.origin(path), self.tree.mark(path)) {
            (Origin::Interpolated { source, .. }, _) => masked(source),
            (Origin::Environment, Some(mark)) => match &mark.value {
                Place::Variable(name) => format!("${{{name}}}"),
                _ => String::new(),
            },
            _ => masked(
                self.tree
                    .get(path)
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            ),
        };
        match self.tree.get(path) {
            Some(Value::Array(_, members)) => {
                let members = (0..members.len()).map(|index| shown(&path.index(index)));
                members.collect::<Vec<_>>().join(", ")
            }
            _ => shown(path),
        }
    }

    /// The values at or below a path that no message may show.
    pub(super) fn secrets(&self, path: &KeyPath) -> Vec<String> {
        let mut secrets = Vec::new();
        for (path, mark) in self.tree.marks_below(path) {
            let Some(text) = self.tree.get(path).and_then(Value::as_str) else {
                continue;
            };
            secrets.extend(passwords(text).into_iter().map(str::to_owned));
            let named_secret = path.segments().last().is_some_and(|key| is_secret(key));
            let is_backend = path.segments().last().is_some_and(|key| key == BACKEND);
            match &mark.origin {
                Origin::Literal if !named_secret => continue,
                Origin::Environment if is_backend => continue,
                Origin::Interpolated { used, .. } => secrets.extend(used.iter().cloned()),
                _ => {}
            }
            secrets.push(text.to_owned());
        }
        secrets
    }

    fn notes(&self, options: &KeyPath) -> Vec<String> {
        let is_given = |name| self.tree.get(&options.join(name)).is_some();
        let compressor = self
            .tree
            .get(&options.join(COMPRESSOR))
            .and_then(Value::as_str);
        let is_compressed = compressor.is_some_and(|name| name != "none");
        let mut notes = Vec::new();
        if is_given(COMPRESSOR_MIN_SIZE) && !is_compressed {
            notes.push(format!(
                "`{OPTIONS}.{COMPRESSOR_MIN_SIZE}` has no effect without `{OPTIONS}.{COMPRESSOR}`"
            ));
        }
        notes
    }
}

use std::{fs, path::Path};

use figment::value::Dict;
use toml::de::DeTable;

use super::{
    converter::Converter,
    layer::{Layer, Marks, Origin},
    path::KeyPath,
    place::{Lines, Place},
    problem::Problems,
    recovery,
};

/// The text of a file; what is wrong with the file is a problem.
pub(super) fn text_of(path: &Path, index: usize, problems: &mut Problems) -> Option<String> {
    let message = match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(error) => format!(
                "not UTF-8 at byte {}; a configuration is UTF-8 text",
                error.utf8_error().valid_up_to()
            ),
        },
        Err(_) if path.is_dir() => "is a folder; name a file".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    let place = Place::Document {
        index,
        line: 0,
        column: 0,
        name: path.display().to_string().into(),
    };
    problems.add_another(place, None, message);
    None
}

/// The layer of a document; every syntax error is one problem, and the rest is read as well as it can be.
pub(super) fn layer(index: usize, name: &str, text: &str, problems: &mut Problems) -> Layer {
    let lines = Lines::new(index, name, text);
    let (parsed, errors) = DeTable::parse_recoverable(text);
    let (data, marks): (Dict, Marks) = if errors.is_empty() {
        let mut converter = Converter::new(Origin::Literal, |offset| lines.place(offset));
        let data = converter.table(parsed.get_ref(), &KeyPath::default(), 0);
        (data, converter.marks)
    } else {
        recovery::recover(text, &lines, &errors, problems)
    };
    Layer {
        name: name.to_owned(),
        data,
        marks,
    }
}

use std::ops::Range;

use figment::value::{Dict, Empty, Value};
use toml::de::{DeInteger, DeTable, DeValue};

use super::{
    layer::{Mark, Marks, Origin},
    path::KeyPath,
    place::Place,
};

/// From parsed TOML to values, with a mark at each key and value.
pub(super) struct Converter<P> {
    /// The place of an offset into the text.
    pub(super) place: P,
    pub(super) origin: Origin,
    pub(super) marks: Marks,
}

impl<P: Fn(usize) -> Place> Converter<P> {
    pub(super) fn new(origin: Origin, place: P) -> Self {
        Self {
            place,
            origin,
            marks: Marks::new(),
        }
    }

    /// The members of a table, in a text that begins at `offset` of the document.
    pub(super) fn table(&mut self, table: &DeTable<'_>, path: &KeyPath, offset: usize) -> Dict {
        let members = table.iter().map(|(key, value)| {
            let path = path.join(key.get_ref());
            let converted = self.value(value.get_ref(), &path, offset);
            self.mark(
                &path,
                &shifted(key.span(), offset),
                &shifted(value.span(), offset),
            );
            self.note_odd(value.get_ref(), &path);
            (key.get_ref().to_string(), converted)
        });
        members.collect()
    }

    pub(super) fn value(&mut self, value: &DeValue<'_>, path: &KeyPath, offset: usize) -> Value {
        match value {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(number) => integer(number),
            DeValue::Float(number) => match number.as_str().replace('_', "").parse::<f64>() {
                Ok(number) => Value::from(number),
                Err(_) => Empty::None.into(),
            },
            DeValue::Boolean(flag) => Value::from(*flag),
            DeValue::Datetime(_) => Empty::None.into(),
            DeValue::Table(table) => self.table(table, path, offset).into(),
            DeValue::Array(members) => {
                let members = members.iter().enumerate().map(|(index, member)| {
                    let path = path.index(index);
                    let converted = self.value(member.get_ref(), &path, offset);
                    let span = shifted(member.span(), offset);
                    self.mark(&path, &span, &span);
                    self.note_odd(member.get_ref(), &path);
                    converted
                });
                members.collect::<Vec<_>>().into()
            }
        }
    }

    pub(super) fn mark(&mut self, path: &KeyPath, key: &Range<usize>, value: &Range<usize>) {
        let mark = Mark {
            key: (self.place)(key.start),
            value: (self.place)(value.start),
            origin: self.origin.clone(),
            odd: None,
        };
        self.marks.insert(path.clone(), mark);
    }

    fn note_odd(&mut self, value: &DeValue<'_>, path: &KeyPath) {
        let odd = match value {
            DeValue::Datetime(_) => "a date",
            DeValue::Integer(number) if integer(number).to_empty().is_some() => {
                "a number past the range of numbers"
            }
            _ => return,
        };
        if let Some(mark) = self.marks.get_mut(path) {
            mark.odd = Some(odd);
        }
    }
}

fn shifted(span: Range<usize>, offset: usize) -> Range<usize> {
    span.start + offset..span.end + offset
}

fn integer(number: &DeInteger<'_>) -> Value {
    let parsed = i128::from_str_radix(number.as_str(), number.radix());
    match parsed.map(|wide| (i64::try_from(wide), wide)) {
        Ok((Ok(number), _)) => number.into(),
        Ok((_, wide)) => wide.into(),
        Err(_) => Empty::None.into(),
    }
}

/// A text read as a TOML value: how the environment says numbers, booleans, lists and tables.
pub(super) fn parse_value(text: &str) -> Option<Value> {
    let parsed = DeValue::parse(text.trim()).ok()?;
    let mut converter = Converter::new(Origin::Environment, |_| Place::Builder);
    let value = converter.value(parsed.get_ref(), &KeyPath::default(), 0);
    let is_odd = converter.marks.values().any(|mark| mark.odd.is_some());
    (!is_odd && value.to_empty().is_none()).then_some(value)
}

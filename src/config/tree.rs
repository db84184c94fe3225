use figment::{
    Figment, Profile, Provider,
    value::{Dict, Value},
};

use super::{
    layer::{Layer, Mark, Marks, Origin, insert},
    path::KeyPath,
    place::Place,
    vocabulary::CACHES,
};

/// All layers in one: the last word on each key, and where it was said.
#[derive(Default)]
pub(super) struct Tree {
    root: Dict,
    marks: Marks,
}

impl Tree {
    /// The layers, each over the ones before it.
    pub(super) fn of<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Self {
        let mut figment = Figment::new();
        let mut marks = Marks::new();
        for layer in layers {
            figment = figment.merge(layer);
            marks.extend(layer.marks.clone());
        }
        let profiles = figment.data().unwrap_or_default();
        let root = profiles.get(&Profile::Default).cloned().unwrap_or_default();
        Self { root, marks }
    }

    pub(super) fn get(&self, path: &KeyPath) -> Option<&Value> {
        let mut segments = path.segments().iter();
        let mut value = self.root.get(segments.next()?)?;
        for segment in segments {
            value = match value {
                Value::Dict(_, dict) => dict.get(segment)?,
                Value::Array(_, list) => {
                    let index = segment.trim_matches(['[', ']']).parse::<usize>().ok()?;
                    list.get(index)?
                }
                _ => return None,
            };
        }
        Some(value)
    }

    pub(super) fn get_mut(&mut self, path: &KeyPath) -> Option<&mut Value> {
        let mut segments = path.segments().iter();
        let mut value = self.root.get_mut(segments.next()?)?;
        for segment in segments {
            value = match value {
                Value::Dict(_, dict) => dict.get_mut(segment)?,
                Value::Array(_, list) => {
                    let index = segment.trim_matches(['[', ']']).parse::<usize>().ok()?;
                    list.get_mut(index)?
                }
                _ => return None,
            };
        }
        Some(value)
    }

    pub(super) fn table(&self, path: &KeyPath) -> Option<&Dict> {
        match path.segments() {
            [] => Some(&self.root),
            _ => self.get(path)?.as_dict(),
        }
    }

    /// The keys of a table, in the order in which they were written.
    pub(super) fn keys(&self, path: &KeyPath) -> Vec<String> {
        let table = self.table(path);
        let mut keys: Vec<_> = table.into_iter().flat_map(Dict::keys).cloned().collect();
        keys.sort_by_cached_key(|key| self.key_place(&path.join(key)));
        keys
    }

    /// The aliases, in the order in which they were written.
    pub(super) fn aliases(&self) -> Vec<String> {
        self.keys(&KeyPath::new([CACHES]))
    }

    pub(super) fn mark(&self, path: &KeyPath) -> Option<&Mark> {
        self.marks.get(path)
    }

    pub(super) fn mark_mut(&mut self, path: &KeyPath) -> Option<&mut Mark> {
        self.marks.get_mut(path)
    }

    /// Every marked path.
    pub(super) fn paths(&self) -> Vec<KeyPath> {
        self.marks.keys().cloned().collect()
    }

    /// The marks at and below a path.
    pub(super) fn marks_below<'a>(
        &'a self,
        path: &'a KeyPath,
    ) -> impl Iterator<Item = (&'a KeyPath, &'a Mark)> {
        let from = self.marks.range(path.clone()..);
        from.take_while(|(marked, _)| marked.starts_with(path))
    }

    pub(super) fn origin(&self, path: &KeyPath) -> &Origin {
        self.mark(path)
            .map_or(&Origin::Literal, |mark| &mark.origin)
    }

    /// Where the key stands; what was never written stands where its table does.
    pub(super) fn key_place(&self, path: &KeyPath) -> Place {
        self.nearest(path)
            .map_or(Place::Builder, |mark| mark.key.clone())
    }

    pub(super) fn value_place(&self, path: &KeyPath) -> Place {
        match self.mark(path) {
            Some(mark) => mark.value.clone(),
            None => self.key_place(path),
        }
    }

    fn nearest(&self, path: &KeyPath) -> Option<&Mark> {
        let first = self.marks.range(path.clone()..).next();
        let below = first.filter(|(marked, _)| marked.starts_with(path));
        below.map(|(_, mark)| mark).or_else(|| {
            let (_, table) = path.segments().split_last()?;
            self.nearest(&KeyPath::new(table.to_vec()))
        })
    }

    pub(super) fn remove(&mut self, path: &KeyPath) -> Option<Value> {
        let (key, table) = path.segments().split_last()?;
        if table.is_empty() {
            return self.root.remove(key);
        }
        match self.get_mut(&KeyPath::new(table.to_vec()))? {
            Value::Dict(_, dict) => dict.remove(key),
            _ => None,
        }
    }

    /// Moves a value to the path that was meant, unless one is there; tables are put together.
    pub(super) fn relocate(&mut self, from: &KeyPath, to: &KeyPath) {
        if self.table(from).is_some() && self.table(to).is_some() {
            for key in self.keys(from) {
                self.relocate(&from.join(&key), &to.join(&key));
            }
            let is_first = self.key_place(from) < self.key_place(to);
            if let (Some(mark), true) = (self.mark(from).cloned(), is_first) {
                self.marks.insert(to.clone(), mark);
            }
        }
        let Some(value) = self.remove(from) else {
            return;
        };
        if self.get(to).is_some() {
            return;
        }
        insert(&mut self.root, to.segments(), value);
        let moved: Vec<_> = self
            .marks_below(from)
            .map(|(path, mark)| (path.moved(from, to), mark.clone()))
            .collect();
        self.marks.extend(moved);
    }
}

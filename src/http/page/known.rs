use cachemere_base::{Asynchrony, Key, Result, Value};

use super::{place::Place, stored::Seal};
use crate::{Cache, Decode};

/// What the cache knows of a URL.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The request headers that its pages vary on.
    pub(super) list: Option<Vec<String>>,
    /// The generation of its pages.
    pub(super) url: Option<i64>,
    /// The generation of the pages of the route; 0 if the layer has no name for it.
    pub(super) route: Option<i64>,
}

impl Known {
    pub(super) async fn of(place: &Place, cache: &Cache) -> Result<Self> {
        let route = place.route.as_ref();
        let [list, url, of_route] =
            entries([Some(&place.list), Some(&place.url), route], cache).await?;
        Ok(Self {
            list: list.and_then(decoded),
            url: url.and_then(decoded),
            route: route.map_or(Some(0), |_| of_route.and_then(decoded)),
        })
    }

    /// What a page has to agree with; `None` if there is no generation that it could be of.
    pub(super) fn seal(&self, request: u128) -> Option<Seal> {
        Some(Seal {
            url: self.url?,
            route: self.route?,
            request,
        })
    }
}

/// The entries of some keys, in one round trip; nothing for one that cannot be read at all, and is overwritten.
pub(super) async fn entries<const N: usize>(
    keys: [Option<&Key>; N],
    cache: &Cache,
) -> Result<[Option<Value>; N]> {
    let handle = &cache.handle;
    let store = &handle.store;
    let mut found = [const { None }; N];
    if let Asynchrony::Inline = store.asynchronous() {
        for (found, key) in found.iter_mut().zip(keys) {
            let Some(key) = key else { continue };
            let value = handle.forgive(store.get(key), || None)?;
            *found = value.and_then(|value| handle.readable(key, value));
        }
        return Ok(found);
    }
    let asked = keys.iter().copied().flatten().cloned().collect();
    let values = handle.forgive(store.aget_many(asked).await, Vec::new)?;
    let mut values = values.into_iter();
    for (found, key) in found.iter_mut().zip(keys) {
        let Some(key) = key else { continue };
        let value = values.next().flatten();
        *found = value.and_then(|value| handle.readable(key, value));
    }
    Ok(found)
}

/// What an entry says; something else in its place is nothing, and is overwritten.
fn decoded<T: Decode>(entry: Value) -> Option<T> {
    T::decode(entry).ok()
}

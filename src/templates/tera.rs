//! Fragments for tera, which has no tags of an application's own: the function `cache` looks one up, the filter `cache`
//! stores what was rendered instead.
//!
//! ```text
//! {% set sidebar = cache(timeout=500, name="sidebar", vary_on=[user.name], using="local") %}
//! {% if sidebar.hit %}{{ sidebar.text }}{% else %}{% filter cache(fragment=sidebar) %}
//!   … rendered on a miss …
//! {% endfilter %}{% endif %}
//! ```
//!
//! - `timeout` is seconds, or `none` for ever.
//! - `vary_on` has the values that tell copies apart. (The members of a map have no order in tera: name them one by one.)
//! - `using` names the alias.
//! - Errors have the template and the place.

use ::tera::{Error, Kwargs, Map, State, StringInput, Tera, TeraResult, Value};
use cachemere_base::{ErrorKind, Timeout};
use serde::{Serialize, Serializer};

use super::given::{Given, WANTED};
use crate::Caches;

/// Adds the function and the filter `cache`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use tera::{Context, Tera};
///
/// # let caches = cachemere::Caches::from_toml("")?;
/// let mut tera = Tera::default();
/// cachemere::templates::tera::add_cache(&mut tera, caches);
/// tera.add_raw_template(
///     "page.html",
///     "{% set sidebar = cache(timeout=500, name='sidebar', vary_on=[user]) %}\
///      {% if sidebar.hit %}{{ sidebar.text }}{% else %}\
///      {% filter cache(fragment=sidebar) %}Hello, {{ user }}!{% endfilter %}{% endif %}",
/// )?;
/// let mut context = Context::new();
/// context.insert("user", "Ada");
/// assert_eq!(tera.render("page.html", &context)?, "Hello, Ada!");
/// # Ok(())
/// # }
/// ```
pub fn add_cache(tera: &mut Tera, caches: Caches) {
    let of_filter = caches.clone();
    tera.register_function("cache", move |arguments: Kwargs, _: &State<'_>| {
        look_up(&caches, &arguments)
    });
    tera.register_filter(
        "cache",
        move |text: StringInput<'_>, arguments: Kwargs, _: &State<'_>| {
            store(&of_filter, text.as_str(), &arguments)
        },
    );
}

fn look_up(caches: &Caches, arguments: &Kwargs) -> TeraResult<Value> {
    check(arguments, &["timeout", "name", "vary_on", "using"])?;
    let given: Value = arguments.must_get("timeout")?;
    timeout(&given)?;
    let vary_on: Option<Value> = arguments.get("vary_on")?;
    let fragment = caches.fragment(arguments.must_get("name")?);
    let mut fragment = fragment.vary_on(VaryOn(vary_on.as_ref()));
    if let Some(alias) = arguments.get("using")? {
        fragment = fragment.using(alias);
    }
    let (cache, key) = fragment.place().map_err(refused)?;
    let text: Option<String> = match cache.get(&key) {
        // something else than a text, which is rendered over
        Err(error) if error.kind() == ErrorKind::Decode => None,
        found => found.map_err(refused)?,
    };
    let hit = text.is_some();
    let text = Value::safe_string(text.as_deref().unwrap_or_default());
    let members = [
        ("hit", hit.into()),
        ("text", text),
        ("alias", cache.alias().into()),
        ("key", key.into()),
        ("timeout", given),
    ];
    Ok(Map::from_iter(members.map(|(name, member)| (name.into(), member))).into())
}

fn store(caches: &Caches, text: &str, arguments: &Kwargs) -> TeraResult<Value> {
    check(arguments, &["fragment"])?;
    let fragment: Value = arguments.must_get("fragment")?;
    let member = |name| fragment.get_from_path(name);
    let text_of = |name| member(name).and_then(Value::as_str);
    let (Some(alias), Some(key), Some(given)) =
        (text_of("alias"), text_of("key"), member("timeout"))
    else {
        let message = "the filter `cache` wants what the function `cache` returned: `fragment=…`";
        return Err(Error::message(message));
    };
    let cache = caches.get(alias).map_err(refused)?.forgiving();
    let text = cache.get_or_set(key, || text.to_owned(), timeout(given)?);
    Ok(Value::safe_string(&text.map_err(refused)?))
}

/// A misspelt `vary_on` would hand one reader's copy to all.
fn check(arguments: &Kwargs, known: &[&str]) -> TeraResult<()> {
    let mut names = arguments.iter().map(|(name, _)| name.to_string());
    match names.find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            let known = known.join("`, `");
            let message = format!("`cache` has no argument `{name}`; it has `{known}`");
            Err(Error::message(message))
        }
        None => Ok(()),
    }
}

fn refused(error: crate::Error) -> Error {
    Error::chain(format!("`cache`: {error}"), error)
}

fn timeout(value: &Value) -> TeraResult<Timeout> {
    let given = if value.is_none() {
        Given::None
    } else if let Some(text) = value.as_str() {
        Given::Text(text)
    } else if let Some(seconds) = value.as_i64() {
        Given::Integer(seconds)
    } else if let Some(seconds) = value.as_f64() {
        Given::Float(seconds)
    } else if value.is_array() {
        Given::Other("a list")
    } else {
        Given::Other(value.name())
    };
    let timeout = given.timeout();
    timeout.map_err(|what| Error::message(format!("the timeout of `cache` is {what}; {WANTED}")))
}

/// The argument `vary_on`.
struct VaryOn<'a>(Option<&'a Value>);

/// A value of it.
struct Vary<'a>(&'a Value);

impl Serialize for VaryOn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            None => serializer.serialize_none(),
            Some(value) => match value.as_array() {
                Some(values) => serializer.collect_seq(values.iter().map(Vary)),
                None => Vary(value).serialize(serializer),
            },
        }
    }
}

impl Serialize for Vary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.is_undefined() {
            true => serializer.serialize_str(""),
            false => self.0.serialize(serializer),
        }
    }
}

//! `{% call cache(…) %}` for minijinja.
//!
//! ```text
//! {% call cache(500, "sidebar", user.name) %} … {% endcall %}
//! {% call cache(none, "footer", using="local") %} … {% endcall %}
//! ```
//!
//! - The timeout first: seconds, or `none` for ever; then the name, and the values that tell copies apart.
//! - `using` names the alias.
//! - An undefined value that it varies on counts as empty text.
//! - Errors have the template and the line.

use ::minijinja::{
    Environment, Error, ErrorKind, State, Value,
    value::{Kwargs, Rest, ValueKind},
};
use serde::{Serialize, Serializer};

use super::{
    failure::Failure,
    given::{Given, WANTED},
};
use crate::Caches;

/// Adds the function `cache`, with which `{% call %}` renders a part of a template once and keeps it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use minijinja::{Environment, context};
///
/// # let caches = cachemere::Caches::from_toml("")?;
/// let mut env = Environment::new();
/// cachemere::templates::minijinja::add_cache(&mut env, caches);
/// env.add_template(
///     "page.html",
///     "{% call cache(500, 'sidebar', user) %}Hello, {{ user }}!{% endcall %}",
/// )?;
/// let page = env.get_template("page.html")?;
/// assert_eq!(page.render(context!(user => "Ada"))?, "Hello, Ada!");
/// # Ok(())
/// # }
/// ```
pub fn add_cache(env: &mut Environment<'_>, caches: Caches) {
    env.add_function(
        "cache",
        move |state: &mut State<'_, '_>,
              timeout: Value,
              name: &str,
              vary_on: Rest<Value>,
              options: Kwargs| {
            cache(&caches, state, &timeout, name, &vary_on, &options)
        },
    );
}

fn cache(
    caches: &Caches,
    state: &mut State<'_, '_>,
    timeout: &Value,
    name: &str,
    vary_on: &[Value],
    options: &Kwargs,
) -> Result<Value, Error> {
    let refuse = |message: String| Error::new(ErrorKind::InvalidOperation, message);
    let body: Option<Value> = options.get("caller")?;
    let using: Option<&str> = options.get("using")?;
    options.assert_all_used()?;
    let body = body.ok_or_else(|| {
        refuse("`cache` wants a body: `{% call cache(500, \"name\") %}…{% endcall %}`".to_owned())
    })?;
    let timeout = given(timeout)
        .timeout()
        .map_err(|what| refuse(format!("the timeout of `cache` is {what}; {WANTED}")))?;

    let vary_on: Vec<_> = vary_on.iter().map(Vary).collect();
    let mut fragment = caches.fragment(name).vary_on(vary_on).timeout(timeout);
    if let Some(alias) = using {
        fragment = fragment.using(alias);
    }
    let text = fragment.try_render(|| match body.call(state, &[]) {
        Ok(text) => Ok(text.to_string()),
        Err(error) => Err(Failure::Body(error)),
    });
    match text {
        Ok(text) => Ok(Value::from_safe_string(text)),
        Err(Failure::Body(error)) => Err(error),
        Err(Failure::Cache(error)) => Err(refuse(format!("`cache`: {error}")).with_source(error)),
    }
}

fn given(value: &Value) -> Given<'_> {
    match value.kind() {
        ValueKind::None => Given::None,
        ValueKind::Undefined => Given::Other("undefined"),
        ValueKind::Bool => Given::Other("a boolean"),
        ValueKind::Seq => Given::Other("a list"),
        ValueKind::Map => Given::Other("a map"),
        ValueKind::String => Given::Text(value.as_str().unwrap_or_default()),
        ValueKind::Number if value.is_integer() => {
            let seconds = i64::try_from(value.clone());
            seconds.map_or(Given::Other("a number beyond 64 bits"), Given::Integer)
        }
        ValueKind::Number => {
            let seconds = f64::try_from(value.clone());
            seconds.map_or(Given::Other("no number"), Given::Float)
        }
        _ => Given::Other("no number"),
    }
}

/// A value that a fragment varies on.
struct Vary<'a>(&'a Value);

impl Serialize for Vary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.is_undefined() {
            true => serializer.serialize_str(""),
            false => self.0.serialize(serializer),
        }
    }
}

//! Templates to pages.

use std::fmt::Display;

use cachemere::{Caches, templates::minijinja::add_cache};
use minijinja::{Environment, Value};

use crate::loom::tartan;

/// All templates, and what they can call.
pub(crate) fn environment(caches: &Caches) -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_template("base.html", include_str!("templates/base.html"))?;
    templates.add_template("overview.html", include_str!("templates/overview.html"))?;
    templates.add_template("level.html", include_str!("templates/level.html"))?;
    templates.add_template("aliases.html", include_str!("templates/aliases.html"))?;
    templates.add_function("tartan", |number| Value::from_safe_string(tartan(number)));
    templates.add_filter("clock", clock);
    add_cache(&mut templates, caches.clone());
    Ok(templates)
}

/// The time of day of a moment, in UTC.
fn clock(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// Microseconds as a human says them.
pub(crate) fn spoken(microseconds: f64) -> String {
    let text = |number: f64, unit: &dyn Display| match number < 10.0 {
        true => format!("{number:.1} {unit}"),
        false => format!("{number:.0} {unit}"),
    };
    match microseconds < 1000.0 {
        true => text(microseconds, &"µs"),
        false => text(microseconds / 1000.0, &"ms"),
    }
}

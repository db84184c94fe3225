//! Fragments of templates: their keys, and what is rendered when.

#[cfg(feature = "askama")]
mod askama;
#[cfg(any(
    feature = "askama",
    feature = "liquid",
    feature = "minijinja",
    feature = "tera"
))]
mod engine;
mod key;
#[cfg(feature = "liquid")]
mod liquid;
#[cfg(feature = "minijinja")]
mod minijinja;
mod render;
#[cfg(feature = "tera")]
mod tera;

//! Fragments of templates that are rendered once and kept.
//!
//! [`Fragment`] is what all have in common, and all that a program without a template engine needs. Each engine has the
//! tag in its own idiom, behind a feature of its name: `liquid` in Django's very syntax, `minijinja`, `askama`, `tera`.
//! A program for each is under `examples/`.

#[cfg(feature = "askama")]
pub mod askama;
#[cfg(any(feature = "askama", feature = "liquid", feature = "minijinja"))]
mod failure;
mod fragment;
#[cfg(any(feature = "liquid", feature = "minijinja", feature = "tera"))]
mod given;
mod key;
#[cfg(feature = "liquid")]
pub mod liquid;
#[cfg(feature = "minijinja")]
pub mod minijinja;
mod python;
#[cfg(feature = "tera")]
pub mod tera;
mod text;

pub use fragment::Fragment;

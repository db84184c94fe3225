//! Fragments of templates that are rendered once and kept.

mod fragment;
mod key;
mod python;
mod text;

pub use fragment::Fragment;

//! Fragments of templates: their keys, and what is rendered when.

mod key;
mod render;

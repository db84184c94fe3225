//! Has nothing of its own: see `tests/site.rs`.

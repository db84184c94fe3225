//! stub
mod version;
pub use version::Version;

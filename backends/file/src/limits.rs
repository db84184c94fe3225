use cachemere_base::Settings;

/// How much an alias lets the store hold.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) settings: Settings,
    pub(crate) max_bytes: Option<u64>,
}

impl Limits {
    /// How many of `bytes` are too many.
    pub(crate) fn excess(&self, bytes: u64) -> u64 {
        self.max_bytes.map_or(0, |max| bytes.saturating_sub(max))
    }
}

use std::collections::BTreeMap;

use cachemere_benches::result::Section;

/// Why aims are not met, by section and then by `work · peer`: the only prose of the page that stands beside numbers.
#[derive(Debug)]
pub(crate) struct Reasons(BTreeMap<String, BTreeMap<String, String>>);

impl Reasons {
    pub(crate) fn read() -> Self {
        let text = include_str!("../../reasons.toml");
        Self(toml::from_str(text).expect("reasons.toml has a table a section, and texts in it"))
    }

    pub(crate) fn of(&self, section: &str, work: &str, peer: &str) -> Option<&str> {
        let reason = self.0.get(section)?.get(&format!("{work} · {peer}"))?;
        Some(reason)
    }

    /// Those that are about nothing that was measured.
    pub(crate) fn stale(&self, sections: &[Section]) -> Vec<String> {
        let measured = |section: &str, key: &str| {
            let rows = sections.iter().filter(|known| known.name == section);
            rows.flat_map(|section| &section.rows).any(|row| {
                let mut peers = row.peers.iter();
                peers.any(|peer| format!("{} · {}", row.work, peer.samples.name) == key)
            })
        };
        let all = self
            .0
            .iter()
            .flat_map(|(section, reasons)| reasons.keys().map(move |key| (section, key)));
        all.filter(|(section, key)| !measured(section, key))
            .map(|(section, key)| format!("{section}: {key}"))
            .collect()
    }
}

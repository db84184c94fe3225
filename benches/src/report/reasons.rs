use std::collections::BTreeMap;

use cachemere_benches::result::{Peer, Row};

use super::Measured;

/// Why aims are not met, by section and then by `work · beside`: the only prose of the page that is about numbers.
#[derive(Debug)]
pub(crate) struct Reasons(BTreeMap<String, BTreeMap<String, String>>);

impl Reasons {
    pub(crate) fn read() -> Self {
        let text = include_str!("../../reasons.toml");
        Self(toml::from_str(text).expect("reasons.toml has a table a section, and texts in it"))
    }

    pub(crate) fn of(&self, section: &str, row: &Row, peer: &Peer) -> Option<&str> {
        let reason = self.0.get(section)?.get(&name(row, peer))?;
        Some(reason)
    }

    /// What is not met without a reason, and reasons that are about nothing.
    pub(crate) fn problems(&self, measured: &[Measured]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut known = Vec::new();
        for Measured { section, rows } in measured {
            for (row, peer) in rows
                .iter()
                .flat_map(|row| row.peers.iter().map(move |peer| (row, peer)))
            {
                let name = name(row, peer);
                if !peer.is_met() && self.of(section.name, row, peer).is_none() {
                    problems.push(format!(
                        "[{}] \"{name}\" is not met, and no reason is given",
                        section.name
                    ));
                }
                known.push((section.name, name));
            }
        }
        for (section, reasons) in &self.0 {
            let is_known = |key: &str| known.iter().any(|(of, name)| of == section && name == key);
            let stale = reasons.keys().filter(|key| !is_known(key));
            problems.extend(stale.map(|key| format!("[{section}] \"{key}\" is not measured")));
        }
        problems
    }
}

fn name(row: &Row, peer: &Peer) -> String {
    format!("{} · {}", row.work, peer.samples.name)
}

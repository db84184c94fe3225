use std::{collections::BTreeMap, fs};

use cachemere_benches::result::{Peer, Row};

use super::Measured;

/// Why aims are not met, by section and then by `work · beside`, or by `beside` for all other rows: the only prose of the page that is about numbers.
#[derive(Debug)]
pub(crate) struct Reasons(BTreeMap<String, BTreeMap<String, String>>);

impl Reasons {
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/reasons.toml"));
        let reasons = toml::from_str(&text.expect("reasons.toml is here"));
        Self(reasons.expect("reasons.toml has a table a section, and texts in it"))
    }

    pub(crate) fn of(&self, section: &str, row: &Row, peer: &Peer) -> Option<&str> {
        let reasons = self.0.get(section)?;
        let reason = reasons.get(&name(row, peer));
        reason
            .or_else(|| reasons.get(&peer.samples.name))
            .map(String::as_str)
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
                known.push((section.name, peer.samples.name.clone()));
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

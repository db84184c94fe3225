use std::path::PathBuf;

use cachemere::{Version, versions::Versions};
use serde_json::{Map, Value, json};

use crate::{
    arguments::VersionsCommand,
    configuration,
    outcome::{Answer, Outcome, complain},
    output::Output,
};

/// Lists, starts, stops and invalidates the names that have versions.
pub(super) fn versions(
    files: &[PathBuf],
    alias: Option<&str>,
    command: &VersionsCommand,
    output: Output,
) -> Outcome {
    configuration::refuse_alias(alias, "versions")?;
    let versions = configuration::load(files)?.versions();
    match command {
        VersionsCommand::List => list(&versions, output)?,
        VersionsCommand::Get { name } => {
            let version = versions.get(name)?;
            output.either(&version, &json(&version))?;
        }
        VersionsCommand::Start { names } => {
            for name in names {
                if !versions.start(name)? {
                    complain(&format!("`{name}` is started already"));
                }
            }
            output.done()?;
        }
        VersionsCommand::Stop { names } => {
            for name in names {
                if !versions.stop(name)? {
                    complain(&format!("`{name}` is stopped already"));
                }
            }
            output.done()?;
        }
        VersionsCommand::Invalidate { names } => {
            versions.invalidate(names)?;
            output.done()?;
        }
    }
    Ok(Answer::Yes)
}

/// Misago's command of this name.
pub(super) fn invalidate_all(files: &[PathBuf], alias: Option<&str>, output: Output) -> Outcome {
    configuration::refuse_alias(alias, "invalidateversionedcaches")?;
    configuration::load(files)?.versions().invalidate_all()?;
    if !output.is_json() {
        complain("all versioned caches are invalidated");
    }
    output.done()?;
    Ok(Answer::Yes)
}

fn list(versions: &Versions, output: Output) -> Outcome<()> {
    let all = versions.all()?;
    if output.is_json() {
        let all = all
            .iter()
            .map(|(name, version)| (name.clone(), json(version)));
        return output.json(&Map::from_iter(all));
    }
    let mut lines = all
        .iter()
        .map(|(name, version)| format!("{name}\t{version}"));
    lines.try_for_each(|line| output.line(line))
}

fn json(version: &Version) -> Value {
    match version {
        Version::Number(number) => json!(number),
        text => json!(text.to_string()),
    }
}

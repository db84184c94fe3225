//! What each subcommand does.

mod aliases;
mod bench;
mod check;
mod clear;
mod completions;
mod count;
mod create;
mod entry;
mod many;
mod versions;

use cachemere::Cache;

use crate::{
    arguments::{Arguments, Command, Place},
    configuration,
    outcome::{Outcome, complain},
    output::Output,
};

/// Carries out the command line.
pub(crate) fn run(arguments: Arguments) -> Outcome {
    let Arguments {
        file,
        alias,
        json,
        command,
    } = arguments;
    let output = Output::new(json);
    let cache = || -> Outcome<Cache> {
        let caches = configuration::load(&file)?;
        let cache = caches.get(alias.as_deref().unwrap_or("default"))?;
        if !cache.describe().is_lasting {
            let alias = cache.alias();
            complain(&format!(
                "`{alias}` keeps nothing longer than a process lives: it starts empty and ends with this command"
            ));
        }
        Ok(cache)
    };
    let at = |place: &Place| cache().map(|cache| place.of(cache));
    match command.unwrap_or(Command::Check) {
        Command::Check => check::check(&file, alias.as_deref(), output),
        Command::Aliases => aliases::aliases(&file, alias.as_deref(), output),
        Command::Get(target) => entry::get(&at(&target.place)?, &target.key, output),
        Command::Set(entry) => entry::set(&at(&entry.target.place)?, &entry, output),
        Command::Add(entry) => entry::add(&at(&entry.target.place)?, &entry, output),
        Command::Touch { target, lifetime } => {
            entry::touch(&at(&target.place)?, &target.key, &lifetime, output)
        }
        Command::Delete(target) => entry::delete(&at(&target.place)?, &target.key, output),
        Command::HasKey(target) => entry::has_key(&at(&target.place)?, &target.key, output),
        Command::Ttl(target) => entry::ttl(&at(&target.place)?, &target.key, output),
        Command::GetMany(targets) => many::get(&at(&targets.place)?, &targets.keys, output),
        Command::SetMany(entries) => many::set(&at(&entries.place)?, &entries, output),
        Command::DeleteMany(targets) => many::delete(&at(&targets.place)?, &targets.keys, output),
        Command::Incr(count) => count::incr(&at(&count.target.place)?, &count, output),
        Command::Decr(count) => count::decr(&at(&count.target.place)?, &count, output),
        Command::IncrVersion(count) => {
            count::incr_version(&at(&count.target.place)?, &count, output)
        }
        Command::DecrVersion(count) => {
            count::decr_version(&at(&count.target.place)?, &count, output)
        }
        Command::Clear => clear::clear(&cache()?, output),
        Command::Bench(arguments) => {
            let named = arguments.cache.as_deref().or(alias.as_deref());
            let cache = configuration::load(&file)?.get(named.unwrap_or("default"))?;
            bench::bench(&cache, &arguments, output)
        }
        Command::CreateCacheTable(tables) => {
            create::tables(&file, alias.as_deref(), &tables, output)
        }
        Command::InvalidateVersionedCaches => {
            versions::invalidate_all(&file, alias.as_deref(), output)
        }
        Command::Versions(command) => versions::versions(&file, alias.as_deref(), &command, output),
        Command::Completions { shell } => completions::completions(shell, output),
    }
}

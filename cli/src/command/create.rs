use std::path::PathBuf;

use cachemere::{CacheTable, Caches, Creation};
use serde_json::{Value, json};

use crate::{
    arguments::Tables,
    configuration,
    outcome::{Answer, Outcome, complain},
    output::Output,
};

/// Creates tables, or prints how they would be created, and says what became of each.
pub(super) fn tables(
    files: &[PathBuf],
    alias: Option<&str>,
    asked: &Tables,
    output: Output,
) -> Outcome {
    configuration::refuse_alias(alias, "createcachetable")?;
    let caches = configuration::load(files)?;
    let tables = chosen(&caches, asked)?;
    if tables.is_empty() {
        complain("no cache has a table there");
    }
    let mut done = Vec::new();
    for table in &tables {
        let creation = match asked.dry_run {
            true => table.plan()?,
            false => table.create()?,
        };
        if output.is_json() {
            done.push(json(table, creation));
            continue;
        }
        match (creation, asked.dry_run) {
            (Creation::Created, true) => output.bytes(table.sql().as_bytes())?,
            (Creation::Created, false) => output.line(described(table, creation))?,
            _ => complain(&described(table, creation)),
        }
    }
    if output.is_json() {
        output.json(&done)?;
    }
    Ok(Answer::Yes)
}

fn chosen(caches: &Caches, asked: &Tables) -> Outcome<Vec<CacheTable>> {
    let database = asked.database.as_deref();
    if asked.tables.is_empty() {
        if let Some(database) = database {
            caches.database(database)?;
        }
        let mut tables = caches.cache_tables();
        tables.retain(|table| database.is_none_or(|database| table.database() == database));
        return Ok(tables);
    }
    let tables = asked.tables.iter();
    let tables = tables.map(|name| caches.cache_table(name, database.unwrap_or("default")));
    Ok(tables.collect::<Result<_, _>>()?)
}

fn described(table: &CacheTable, creation: Creation) -> String {
    let (name, database) = (table.name(), table.database());
    match creation {
        Creation::Created => format!("table `{name}` is created in database `{database}`"),
        Creation::Exists => format!("table `{name}` is there already in database `{database}`"),
        _ => format!("table `{name}` is not for database `{database}`, says the router"),
    }
}

fn json(table: &CacheTable, creation: Creation) -> Value {
    let result = match creation {
        Creation::Created => "created",
        Creation::Exists => "exists",
        _ => "refused",
    };
    json!({
        "table": table.name(),
        "database": table.database(),
        "result": result,
        "sql": table.sql(),
    })
}

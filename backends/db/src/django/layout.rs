use crate::{Dialect, table::Names};

/// The statements that create the table, as Django's `createcachetable` prints them.
pub(crate) fn layout(dialect: Dialect, names: &Names) -> Vec<String> {
    let Names { name, table, .. } = names;
    let quote = |name: &str| dialect.quote(name);
    let (key, value, expires) = (quote("cache_key"), quote("value"), quote("expires"));
    let index = quote(&format!("{name}_expires"));
    let (text, moment) = match dialect {
        Dialect::Sqlite => ("text", "datetime"),
        Dialect::Postgres => ("text", "timestamp with time zone"),
        Dialect::MySql => ("longtext", "datetime(6)"),
    };
    vec![
        format!(
            "CREATE TABLE {table} (\n    \
                {key} varchar(255) NOT NULL PRIMARY KEY,\n    \
                {value} {text} NOT NULL,\n    \
                {expires} {moment} NOT NULL\n\
            )"
        ),
        format!("CREATE INDEX {index} ON {table} ({expires})"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::NewTable;

    use super::*;

    #[test]
    fn the_table_is_what_django_creates() {
        let golden = include_str!("../../../../tests/golden/django-golden.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let sites = golden["db"].as_array().unwrap();
        assert_eq!(sites.len(), 7);
        for site in sites {
            let dialect = match site["vendor"].as_str().unwrap() {
                "sqlite" => Dialect::Sqlite,
                "pg" => Dialect::Postgres,
                _ => Dialect::MySql,
            };
            let table = NewTable::for_django(dialect, "golden_cache").unwrap();
            assert_eq!(table.sql(), site["ddl"]);
        }
    }
}

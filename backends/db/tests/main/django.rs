//! The table of a Django site: the suite on each database, and what is in the table.

use std::{sync::Arc, time::Duration};

use cachemere_base::{
    Backend, Codec, Context, ErrorKind, Format, Key, KeyCheck, Open, Settings, Value,
    contract::Fixture,
};
use cachemere_db::{Bound, Databases, Db, Dialect, NewTable, Options};

use crate::place::{Place, few, key, settings};

/// A table as Django creates it, and the cache over it.
struct Site {
    place: Place,
    store: Arc<dyn Backend>,
}

impl Site {
    fn at(place: Place) -> Self {
        let database = place.database();
        let table = NewTable::for_django(database.dialect(), &place.table).unwrap();
        table.create(&database).unwrap();
        let store = place.open_django();
        Self { place, store }
    }

    fn each() -> [Self; 3] {
        Place::each().map(Self::at)
    }

    /// Puts a row there as Django does.
    fn put(&self, key: &str, value: &str, expires: &str) {
        let sql = format!("INSERT INTO {} VALUES (?, ?, ", self.place.quoted());
        let sql = match self.place.database().dialect() {
            Dialect::Postgres => format!("{sql}CAST(CAST(? AS text) AS timestamp))"),
            _ => format!("{sql}?)"),
        };
        let values = [key, value, expires].map(Bound::Text);
        self.place.database().execute(&sql, &values).unwrap();
    }

    /// What is in the only row.
    fn row(&self) -> [String; 3] {
        let expires = match self.place.database().dialect() {
            Dialect::Postgres => "CAST(expires AT TIME ZONE 'UTC' AS text)",
            Dialect::MySql => "CAST(CAST(expires AS datetime) AS char)",
            _ => "expires",
        };
        let sql = format!(
            "SELECT cache_key, value, {expires} FROM {}",
            self.place.quoted()
        );
        let rows = self.place.database().query(&sql, &[]).unwrap();
        assert_eq!(rows.len(), 1);
        [0, 1, 2].map(|column| rows[0].text(column).unwrap().unwrap().to_owned())
    }
}

/// Writes the fixture of a database, and its tests.
macro_rules! databases {
    ($($name:ident: $open:path;)*) => {$(
        mod $name {
            use super::*;

            struct OnIt(Site);

            impl Fixture for OnIt {
                fn open(settings: Settings) -> Self {
                    Self($open(settings))
                }

                fn backend(&self) -> Arc<dyn Backend> {
                    Arc::clone(&self.0.store)
                }

                fn another(&self) -> Arc<dyn Backend> {
                    self.0.place.open_django()
                }

                fn advance(&self, by: Duration) {
                    self.0.place.clock.advance(by);
                }

                /// Whole seconds are stored.
                fn tick(&self) -> Option<Duration> {
                    Some(Duration::from_secs(1))
                }

                fn formats(&self) -> Vec<Format> {
                    vec![Format::RAW]
                }
            }

            cachemere_base::contract!(OnIt);
        }
    )*};
}

databases! {
    sqlite: on_sqlite;
    postgres: on_postgres;
    mariadb: on_mariadb;
}

fn on_sqlite(settings: Settings) -> Site {
    Site::at(Place::file(settings))
}

fn on_postgres(settings: Settings) -> Site {
    Site::at(Place::postgres(settings))
}

/// Keys that differ in case alone are one row to MariaDB as Django leaves it: the suite wants them apart.
fn on_mariadb(settings: Settings) -> Site {
    let site = Site::at(Place::mariadb(settings));
    let sql = format!(
        "ALTER TABLE {} MODIFY cache_key varchar(255) \
         CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL",
        site.place.quoted()
    );
    site.place.database().execute(&sql, &[]).unwrap();
    site
}

/// The clock begins at 2023-11-14 22:13:20 in UTC.
const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

/// The pickle of 42 as Django stores it.
const FORTY_TWO: &str = "gAVLKi4=";

#[test]
fn a_row_is_what_django_writes() {
    for site in Site::each() {
        site.store
            .set(&key(":1:k"), Value::Int(42), MINUTE)
            .unwrap();
        let expected = [":1:k", FORTY_TWO, "2023-11-14 22:14:20"];
        assert_eq!(site.row(), expected);
        site.store.set(&key(":1:k"), Value::Int(42), None).unwrap();
        assert_eq!(site.row()[2], "9999-12-31 23:59:59");
    }
}

#[test]
fn a_row_of_djangos_is_read_until_it_expires() {
    for site in Site::each() {
        site.put(":1:k", FORTY_TWO, "2023-11-14 22:14:20");
        assert_eq!(site.store.get(&key(":1:k")).unwrap(), Some(Value::Int(42)));
        assert_eq!(site.store.incr(&key(":1:k"), 1).unwrap(), Some(43));
        assert_eq!(site.row(), [":1:k", "gAVLKy4=", "2023-11-14 22:14:20"]);
        site.place.clock.advance(Duration::from_secs(60));
        assert_eq!(site.store.get(&key(":1:k")).unwrap(), None);
        assert!(!site.store.touch(&key(":1:k"), None).unwrap());
        assert!(site.store.add(&key(":1:k"), Value::Int(1), None).unwrap());
    }
}

#[test]
fn a_row_that_cannot_be_read_is_a_miss_and_stays() {
    for site in Site::each() {
        site.put(":1:k", "no base64!", "9999-12-31 23:59:59");
        assert_eq!(site.store.get(&key(":1:k")).unwrap(), None);
        assert_eq!(site.row()[1], "no base64!");
        assert_eq!(
            site.store.incr(&key(":1:k"), 1).unwrap_err().kind(),
            ErrorKind::NotAnInteger
        );
    }
}

#[test]
fn keys_that_mysql_takes_for_one_never_give_each_others_value() {
    let site = Site::at(Place::mariadb(settings()));
    let (small, capital) = (key("abc"), key("ABC"));
    site.store.set(&small, Value::Int(1), None).unwrap();
    assert_eq!(site.store.get(&capital).unwrap(), None);
    assert!(!site.store.has_key(&capital).unwrap());
    assert!(!site.store.delete(&capital).unwrap());
    assert!(!site.store.touch(&capital, None).unwrap());
    assert_eq!(site.store.incr(&capital, 1).unwrap(), None);
    assert_eq!(site.store.get(&small).unwrap(), Some(Value::Int(1)));
    assert!(site.store.add(&capital, Value::Int(2), None).unwrap());
    assert_eq!(site.store.get(&capital).unwrap(), Some(Value::Int(2)));
    assert_eq!(site.store.get(&small).unwrap(), None);
}

#[test]
fn a_key_that_the_column_does_not_take_is_refused() {
    let refuses = |site: &Site, key: &str| {
        matches!(site.store.check_key(&Key::new(key)), KeyCheck::Refuse(_))
    };
    let long = "é".repeat(256);
    let [sqlite, postgres, mariadb] = Site::each();
    assert!(!refuses(&sqlite, &long) && !refuses(&sqlite, "\0"));
    assert!(refuses(&postgres, &long) && refuses(&postgres, "\0"));
    assert!(refuses(&mariadb, &long) && !refuses(&mariadb, "\0"));
    assert!(!refuses(&postgres, &long[..510]));
}

#[test]
fn the_local_time_of_a_site_without_use_tz_is_stored() {
    let [sqlite, postgres, mariadb] = Place::each();
    for (mut place, expected) in [
        (sqlite, "2023-11-14 16:14:20"),
        (postgres, "2023-11-14 22:14:20"),
        (mariadb, "2023-11-14 16:14:20"),
    ] {
        place.options.time_zone = Some("America/Chicago".to_owned());
        let site = Site::at(place);
        site.store.set(&key("k"), Value::Int(42), MINUTE).unwrap();
        assert_eq!(site.row()[2], expected);
        site.place.clock.advance(Duration::from_secs(59));
        assert!(site.store.has_key(&key("k")).unwrap());
        site.place.clock.advance(Duration::from_secs(1));
        assert!(!site.store.has_key(&key("k")).unwrap());
    }
}

#[test]
fn rows_that_django_added_are_culled() {
    for mut place in Place::each() {
        place.settings = place.settings.with_max_entries(10).with_cull_frequency(2);
        let site = Site::at(place);
        for row in 0..30 {
            site.put(
                &format!("k{row}"),
                FORTY_TWO,
                &format!("2100-01-01 00:00:{row:02}"),
            );
        }
        site.store.set(&key("last"), Value::Int(1), None).unwrap();
        let [rows] = site
            .place
            .ask(&format!("SELECT COUNT(*) FROM {}", site.place.quoted()));
        assert_eq!(rows, 6);
        assert!(site.store.has_key(&key("k29")).unwrap());
    }
}

#[test]
fn a_missing_table_is_not_created() {
    for mut place in Place::each() {
        place.options.auto_create = None;
        let store = place.open_django();
        let error = store.set(&key("a"), Value::Int(1), None).unwrap_err();
        assert!(error.message().contains("is missing"), "{error}");
    }
}

#[test]
fn the_journal_of_a_file_that_a_site_filled_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("site.sqlite3").display());
    let journal = || {
        let database = cachemere_db::Database::open("default", &url, &few()).unwrap();
        let rows = database.query("PRAGMA journal_mode", &[]).unwrap();
        rows[0].text(0).unwrap().unwrap().to_owned()
    };
    assert_eq!(journal(), "wal");
    let database = cachemere_db::Database::open("default", &url, &few()).unwrap();
    database.query("PRAGMA journal_mode = delete", &[]).unwrap();
    database.execute("CREATE TABLE a (b)", &[]).unwrap();
    database.close();
    assert_eq!(journal(), "delete");
}

#[test]
fn settings_that_django_does_not_have_are_refused() {
    let context = Context::default();
    let databases = context.shared("", Databases::default);
    databases
        .open("default", "sqlite::memory:", &few())
        .unwrap();
    let refused = |codec, change: fn(&mut Options)| {
        let settings = settings().with_location(["t"]).with_codec(codec);
        let mut options = Options::default();
        change(&mut options);
        let error = Db::open_django(&settings, options, &context.for_alias()).unwrap_err();
        error.setting_path().map(str::to_owned)
    };
    let path = |path: &str| Some(path.to_owned());
    assert_eq!(refused(Codec::Json, |_| ()), path("OPTIONS.SERIALIZER"));
    let max_bytes: fn(&mut Options) = |options| options.max_bytes = 1.try_into().ok();
    assert_eq!(refused(Codec::Pickle, max_bytes), path("OPTIONS.MAX_BYTES"));
    let own = Db::open(
        &settings().with_location(["t"]),
        {
            let mut options = Options::default();
            options.time_zone = Some("UTC".to_owned());
            options
        },
        &context.for_alias(),
    );
    assert_eq!(own.unwrap_err().setting_path(), Some("OPTIONS.TIME_ZONE"));
}

//! The table of a Django site's database cache: `cache_key`, the pickle of the value in base64, and when it expires.
//!
//! - Python writes there behind our back. `add`, `incr` and `touch` hold the row while they look at it, so that nobody who
//!   writes meanwhile is overwritten; Django's own `incr` reads and then writes, and may overwrite what was counted between.
//!   `incr` keeps the lifetime, which Django's resets.
//! - Nobody keeps books of how large the table is: as in Django, rows are counted where one is added. What goes is what
//!   expires first, at most 1,000 rows at each write; Django removes the smallest keys.
//! - Lifetimes end at whole seconds, rounded so that no entry dies early; those of Django's end up to a second early.
//! - Rows that cannot be read are left where they are.
//! - The database is the site's: AUTO_CREATE creates no table in it unless it is told to, nor is an SQLite file that has
//!   tables changed to a write-ahead log.

mod layout;
mod moment;
mod statements;
mod table;

use std::sync::Arc;

use cachemere_base::{
    Asynchrony, Backend, Clock, Context, Counters, Error, ErrorKind, Expiry, Key, KeyCheck,
    KeyProblem, Remaining, Result, Settings, Ttl, Value,
};
use cachemere_django::stored;

pub(crate) use layout::layout;

use crate::{
    Database, Dialect, NewTable, Options,
    database::{fault::Fault, session::Session},
    place::Place,
};
use moment::Zone;
use table::{Found, Table};

/// How many characters a key may have.
const LONGEST_KEY: usize = 255;

/// A database cache that a Django site has too.
#[derive(Debug)]
pub(crate) struct Django {
    place: Place,
    table: Arc<Table>,
    settings: Settings,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
}

impl Django {
    pub(crate) fn open(settings: &Settings, options: &Options, context: &Context) -> Result<Self> {
        stored::only_pickle(settings)?;
        if options.max_bytes.is_some() {
            let message = "Django counts rows only; leave it out";
            return Err(Error::setting("OPTIONS.MAX_BYTES", message));
        }
        let zone = Zone::new(options.time_zone.as_deref())?;
        let place = Place::new(settings, options, context, NewTable::for_django, |_| false)?;
        let identity = format!("{} {}", place.identity(), zone.name());
        let table = Table::new(place.database.dialect(), place.table(), zone)?;
        Ok(Self {
            table: context.shared(&identity, || table),
            settings: settings.clone(),
            clock: context.clock(),
            counters: context.counters(),
            place,
        })
    }

    fn get_from(&self, database: &Database, keys: &[Key]) -> Result<Vec<Option<(Value, Expiry)>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let found = self.place.on_table(database, |database| {
            database.read(&mut |session| self.table.get(session, keys, now))
        })?;
        let each = found.into_iter().zip(keys);
        Ok(each.map(|(found, key)| self.readable(key, found)).collect())
    }

    fn get_one(&self, database: &Database, key: &Key) -> Result<Option<(Value, Expiry)>> {
        let found = self.get_from(database, std::slice::from_ref(key))?;
        Ok(found.into_iter().next().flatten())
    }

    fn readable<T>(&self, key: &Key, found: Found<T>) -> Option<T> {
        match found {
            Found::Live(entry) => Some(entry),
            Found::Nothing | Found::Past => None,
            Found::Damaged => {
                self.counters.count_damaged();
                let (alias, key) = (self.settings.alias(), key.shown());
                tracing::warn!(alias, %key, "the row of an entry cannot be read, and is left where it is");
                None
            }
        }
    }

    /// When a lifetime that begins now ends; `None` if it is over at once.
    fn expires(&self, ttl: Ttl) -> Option<Expiry> {
        let now = self.clock.now();
        let expiry = Expiry::after(ttl, now);
        (!expiry.is_past(now)).then_some(expiry)
    }

    /// Runs `action` in a transaction of the table's, with the time.
    fn change<T: Send>(
        &self,
        action: impl Fn(&Table, &mut dyn Session, u64) -> Result<T, Fault> + Sync,
    ) -> Result<T> {
        let now = self.clock.now();
        self.place.on_table(&self.place.database, |database| {
            database.atomically(&mut |session| action(&self.table, session, now))
        })
    }

    fn has_now(&self, key: &Key) -> Result<bool> {
        let found = self.change(|table, session, now| table.expires(session, key, now))?;
        Ok(matches!(found, Found::Live(_)))
    }

    /// Why the column of the keys does not take one. That of SQLite takes all.
    fn problem(&self, key: &Key) -> Option<KeyProblem> {
        let dialect = self.place.database.dialect();
        if dialect == Dialect::Sqlite {
            return None;
        }
        let length = key.chars().count();
        if length > LONGEST_KEY {
            let problem =
                format!("has {length} characters, the table of Django takes {LONGEST_KEY}");
            return Some(KeyProblem::Other(problem.into()));
        }
        let has_nul = dialect == Dialect::Postgres && key.contains('\0');
        has_nul.then(|| KeyProblem::Other("has a NUL, which PostgreSQL does not take".into()))
    }

    /// Removes an entry that could not be replaced, as good as it goes after an error.
    fn forget(&self, key: &Key, problem: &Error) {
        if !matches!(problem.kind(), ErrorKind::TimedOut | ErrorKind::Unavailable) {
            let delete = |database: &Database| {
                database.write(&mut |session| self.table.delete(session, key))
            };
            let _ = self.place.on_table(&self.place.database, delete);
        }
    }
}

impl Backend for Django {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.get_one(&self.place.reader, key)?;
        Ok(found.map(|(value, _)| value))
    }

    fn get_for_update(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.get_one(&self.place.database, key)?;
        Ok(found.map(|(value, _)| value))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let found = self.get_one(&self.place.database, key)?;
        let now = self.clock.now();
        Ok(found.map(|(value, expiry)| (value, expiry.remaining(now))))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        let found = self.get_from(&self.place.reader, keys)?.into_iter();
        Ok(found.map(|found| Some(found?.0)).collect())
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        let now = self.clock.now();
        let found = self.place.on_table(&self.place.reader, |database| {
            database.read(&mut |session| self.table.expires(session, key, now))
        })?;
        Ok(matches!(found, Found::Live(_)))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let Some(expiry) = self.expires(ttl) else {
            return self.delete(key).map(drop);
        };
        let draft = self.table.draft(key, value, expiry)?;
        let set = self.place.on_table(&self.place.database, |database| {
            if database.write(&mut |session| self.table.replace(session, &draft))? {
                return Ok(());
            }
            database
                .atomically(&mut |session| self.table.put(session, &draft, &self.settings, &mut 0))
        });
        if let Err(problem) = &set {
            self.forget(key, problem);
        }
        set
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        let Some(expiry) = self.expires(ttl) else {
            let keys: Vec<_> = entries.into_iter().map(|(key, _)| key).collect();
            return self.delete_many(&keys).map(|()| Vec::new());
        };
        let drafts = entries
            .iter()
            .map(|(key, value)| self.table.draft(key, value.clone(), expiry));
        let mut drafts = drafts.collect::<Result<Vec<_>>>()?;
        // all lock rows in one order, or they would wait for each other; the last value of a key is the one that counts
        drafts.sort_by_key(|draft| draft.key);
        let set = self.change(|table, session, _| {
            let mut room = 0;
            for draft in &drafts {
                if !table.replace(session, draft)? {
                    table.put(session, draft, &self.settings, &mut room)?;
                }
            }
            Ok(())
        });
        let Err(problem) = set else {
            return Ok(Vec::new());
        };
        if problem.kind() != ErrorKind::TooLarge {
            entries
                .iter()
                .for_each(|(key, _)| self.forget(key, &problem));
            return Err(problem);
        }
        let mut refused = Vec::new();
        for (position, (key, value)) in entries.into_iter().enumerate() {
            match self.set(&key, value, ttl) {
                Err(problem) if problem.kind() == ErrorKind::TooLarge => refused.push(position),
                set => set?,
            }
        }
        Ok(refused)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let Some(expiry) = self.expires(ttl) else {
            return self.has_now(key).map(|has| !has);
        };
        let draft = self.table.draft(key, value, expiry)?;
        self.change(|table, session, now| match table.hold(session, key, now)? {
            Found::Live(_) => Ok(false),
            Found::Past | Found::Damaged => table.replace(session, &draft),
            Found::Nothing => table.insert(session, &draft, &self.settings),
        })
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let Some(expiry) = self.expires(ttl) else {
            return self.delete(key);
        };
        self.change(|table, session, now| match table.hold(session, key, now)? {
            Found::Live(_) => table.touch(session, key, expiry).map(|()| true),
            Found::Nothing | Found::Past | Found::Damaged => Ok(false),
        })
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        self.change(|table, session, now| match table.hold(session, key, now)? {
            Found::Live(_) => table.delete(session, key).map(|()| true),
            Found::Damaged => table.delete(session, key).map(|()| false),
            Found::Nothing | Found::Past => Ok(false),
        })
    }

    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        self.change(|table, session, _| table.delete_many(session, keys))
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.change(|table, session, now| table.incr(session, key, delta, now))
    }

    fn clear(&self) -> Result<()> {
        self.change(|table, session, _| table.clear(session))
    }

    fn close(&self) -> Result<()> {
        self.place.close();
        Ok(())
    }

    fn check_key(&self, key: &Key) -> KeyCheck {
        if let Some(problem) = self.problem(key) {
            return KeyCheck::Refuse(vec![problem]);
        }
        match key.problems() {
            problems if problems.is_empty() => KeyCheck::Good,
            problems => KeyCheck::Warn(problems),
        }
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::BridgedWithin(self.place.database.patience())
    }

    fn is_lasting(&self) -> bool {
        self.place.database.is_lasting()
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.table).addr()
    }

    fn servers(&self) -> Result<Vec<String>> {
        self.place.servers()
    }
}

//! The databases that caches and named versions live in.

mod columns;
mod dialect;
pub(crate) mod fault;
mod location;
#[cfg(feature = "mysql")]
mod mysql;
mod options;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
pub(crate) mod session;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod tls;
mod transaction;

use std::{
    fmt,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{ErrorKind, Result};
use parking_lot::{Mutex, MutexGuard};

pub(crate) use columns::Columns;
pub use dialect::Dialect;
pub use options::DatabaseOptions;
pub use row::{Bound, Row};
pub use transaction::Transaction;

use crate::database::{
    fault::{After, Fault},
    location::Location,
    pool::{Lease, Pool},
    session::Session,
};

/// How often a transaction is tried again that was undone because two were in each other's way.
const RETRIES: u32 = 20;

/// A database, with the connections to it: what `DATABASES` names.
///
/// - A clone is the same database; caches and whatever else uses it share its connections.
/// - It is connected to at first use, and again after it was gone.
/// - It blocks, whether inside or outside of an async runtime. Nothing waits for ever: see [`DatabaseOptions`].
/// - In statements, `?` stands for a value whichever the database is. They are prepared once a connection.
///
/// ```
/// use cachemere_db::{Bound, Database, DatabaseOptions};
///
/// let database = Database::open("default", "sqlite::memory:", &DatabaseOptions::default())?;
/// database.execute("CREATE TABLE visits (page TEXT, n INTEGER)", &[])?;
/// database.transaction(|statements| {
///     statements.execute("INSERT INTO visits VALUES (?, ?)", &[Bound::Text("/"), Bound::Int(1)])?;
///     statements.execute("UPDATE visits SET n = n + ?", &[Bound::Int(1)])
/// })?;
/// let rows = database.query("SELECT n FROM visits WHERE page = ?", &[Bound::Text("/")])?;
/// assert_eq!(rows[0].int(0)?, Some(2));
/// # Ok::<(), cachemere_base::Error>(())
/// ```
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    alias: String,
    pool: Pool,
    /// SQLite takes one writer: those of this process queue here, others wait for the lock of the file.
    writer: Mutex<()>,
}

impl Database {
    /// The database of an alias and a URL, which are checked; nothing is connected to.
    ///
    /// The URL is `sqlite:path`, `sqlite::memory:` (gone with the last clone), `postgres://user:password@host/name` or
    /// `mysql://user:password@host/name`.
    ///
    /// # Errors
    /// If the URL is wrong or of a database that is not compiled in; without the URL, which may have a password.
    pub fn open(alias: &str, url: &str, options: &DatabaseOptions) -> Result<Self> {
        let location = Location::new(url, options)?;
        Ok(Self(Arc::new(Inner {
            alias: alias.to_owned(),
            pool: Pool::new(location, options.into(), options.pool_size.get()),
            writer: Mutex::new(()),
        })))
    }

    /// The alias.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.0.alias
    }

    /// The SQL that it speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0.pool.location().dialect()
    }

    /// Where it is, for messages: the URL without the password.
    #[must_use]
    pub fn place(&self) -> String {
        self.0.pool.location().shown()
    }

    /// Whether what is stored outlives this process.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        !self.0.pool.location().is_memory()
    }

    /// The name and version of what is there, asked for now: `PostgreSQL 15.8`.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub fn version(&self) -> Result<String> {
        Ok(self.read(&mut |session| session.version())?)
    }

    /// Runs a statement that reads, and gives its rows.
    ///
    /// # Errors
    /// If the database cannot be reached or refuses it.
    pub fn query(&self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>> {
        Ok(self.read(&mut |session| session.query(sql, values))?)
    }

    /// Runs a statement that changes something, and gives the number of rows it changed.
    ///
    /// MySQL does not count a row that is as it was.
    ///
    /// # Errors
    /// If the database cannot be reached or refuses it.
    pub fn execute(&self, sql: &str, values: &[Bound<'_>]) -> Result<u64> {
        Ok(self
            .write(&mut |session| session.execute(sql, values))?
            .rows)
    }

    /// Runs `action` in a transaction, which is undone if it is an error.
    ///
    /// - Where it and another were in each other's way (a deadlock), it is undone and `action` runs again.
    /// - `action` must not use the database otherwise than by what it is given. Inside of a runtime of tokio it may run on
    ///   another thread.
    ///
    /// # Errors
    /// That of `action`, or if the database cannot be reached.
    pub fn transaction<T: Send>(
        &self,
        mut action: impl FnMut(&mut Transaction<'_>) -> Result<T> + Send,
    ) -> Result<T> {
        let dialect = self.dialect();
        let output = self.atomically(&mut |session| {
            let mut transaction = Transaction::new(session, dialect);
            let output = action(&mut transaction);
            output.map_err(|error| Fault {
                error,
                after: transaction.after(),
            })
        });
        Ok(output?)
    }

    /// Gives idle connections back to the system; the next operation connects again.
    ///
    /// A database in memory stays.
    pub fn close(&self) {
        self.0.pool.close();
    }

    /// How long is waited for a statement, a connection or a lock: TIMEOUT of [`DatabaseOptions`].
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.0.pool.times().answer
    }

    /// What is the same for two clones.
    #[must_use]
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Runs one statement that reads.
    pub(crate) fn read<T: Send>(
        &self,
        action: &mut (dyn FnMut(&mut dyn Session) -> Result<T, Fault> + Send),
    ) -> Result<T, Fault> {
        let mut once = |lease: &mut Lease<'_>| lease.single(action);
        self.run(&mut once, true)
    }

    /// Runs one statement that changes something.
    pub(crate) fn write<T: Send>(
        &self,
        action: &mut (dyn FnMut(&mut dyn Session) -> Result<T, Fault> + Send),
    ) -> Result<T, Fault> {
        let _turn = self.turn()?;
        let mut once = |lease: &mut Lease<'_>| lease.single(action);
        self.run(&mut once, false)
    }

    /// Runs one statement that changes something and comes to the same if it is run twice, as it is where the connection
    /// broke.
    pub(crate) fn write_again<T: Send>(
        &self,
        action: &mut (dyn FnMut(&mut dyn Session) -> Result<T, Fault> + Send),
    ) -> Result<T, Fault> {
        let _turn = self.turn()?;
        let mut once = |lease: &mut Lease<'_>| lease.single(action);
        self.run(&mut once, true)
    }

    /// Runs `action` in a transaction.
    pub(crate) fn atomically<T: Send>(
        &self,
        action: &mut (dyn FnMut(&mut dyn Session) -> Result<T, Fault> + Send),
    ) -> Result<T, Fault> {
        let _turn = self.turn()?;
        let mut once = |lease: &mut Lease<'_>| lease.transaction(action);
        self.run(&mut once, false)
    }

    fn turn(&self) -> Result<Option<MutexGuard<'_, ()>>, Fault> {
        if self.dialect() != Dialect::Sqlite {
            return Ok(None);
        }
        let limit = self.0.pool.times().answer;
        let turn = self.0.writer.try_lock_for(limit);
        turn.map(Some).ok_or_else(|| {
            let message = format!("other writes took {limit:?} ({})", self.place());
            Fault::new(ErrorKind::TimedOut, After::Fit, message)
        })
    }

    /// Runs `once` with a connection.
    ///
    /// The client of PostgreSQL brings a runtime, and a thread that is in one already cannot run another: then it runs on
    /// a thread of its own.
    fn run<T: Send>(
        &self,
        once: &mut (dyn FnMut(&mut Lease<'_>) -> Result<T, Fault> + Send),
        is_repeatable: bool,
    ) -> Result<T, Fault> {
        #[cfg(feature = "postgres")]
        if self.dialect() == Dialect::Postgres && tokio::runtime::Handle::try_current().is_ok() {
            return thread::scope(|scope| {
                let running = thread::Builder::new()
                    .name("cachemere-postgres".into())
                    .spawn_scoped(scope, || self.run_here(once, is_repeatable))
                    .map_err(cachemere_base::Error::from)?;
                running
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
        }
        self.run_here(once, is_repeatable)
    }

    fn run_here<T>(
        &self,
        once: &mut (dyn FnMut(&mut Lease<'_>) -> Result<T, Fault> + Send),
        is_repeatable: bool,
    ) -> Result<T, Fault> {
        let (mut tries, mut limit) = (0, None);
        loop {
            let mut lease = self.0.pool.take()?;
            let result = once(&mut lease);
            let may_be_stale = !lease.is_new && (is_repeatable || lease.is_untouched);
            drop(lease);
            match result {
                Err(fault) if fault.after == After::Again && tries < RETRIES => {
                    let now = Instant::now();
                    if now >= *limit.get_or_insert(now + self.patience()) {
                        return Err(fault);
                    }
                    tries += 1;
                    let most = 1 << tries.min(6);
                    thread::sleep(Duration::from_millis(fastrand::u64(0..most)));
                }
                // The server was restarted since: all others that are idle are as old.
                Err(fault)
                    if fault.after == After::Broken
                        && fault.error.kind() != ErrorKind::TimedOut
                        && may_be_stale =>
                {
                    self.0.pool.close();
                }
                result => return result,
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("alias", &self.0.alias)
            .field("pool", &self.0.pool)
            .finish()
    }
}

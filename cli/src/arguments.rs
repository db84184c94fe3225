use std::{path::PathBuf, time::Duration};

use cachemere::{Cache, DEFAULT_TIMEOUT, Timeout, Version};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::outcome::EXIT_CODES;

/// Checks caches.toml and works on its caches.
///
/// Without a command, it checks: every cache of the file is opened and tried with a real round trip.
/// Data goes to stdout, everything else to stderr. Values are JSON, going in and coming out.
#[derive(Debug, Parser)]
#[command(name = "cachemere", version, after_long_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Reads this file, and may be repeated: an alias in a later file replaces the earlier one
    /// [default: those of CACHES_FILE, else ./caches.toml]
    #[arg(short, long, global = true)]
    pub(crate) file: Vec<PathBuf>,

    /// Works on the cache of this alias [default: default]
    #[arg(short, long, global = true)]
    pub(crate) alias: Option<String>,

    /// Prints data as one line of JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Validates the file and makes a round trip through every cache
    Check,
    /// Lists the aliases of the file
    Aliases,
    /// Prints the value of a key; prints nothing and exits with 1 if there is none
    Get(Target),
    /// Stores a value
    Set(Entry),
    /// Stores a value where there is none; prints whether it did, and exits with 1 if not
    Add(Entry),
    /// Prints an object of the keys that have a value; exits with 1 if one has none
    GetMany(Targets),
    /// Stores every member of a JSON object; prints the keys that failed, and exits with 1 if there are any
    SetMany(Entries),
    /// Gives an entry a new timeout; prints whether there is one, and exits with 1 if not
    Touch {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// Removes an entry; prints whether there was one, and exits with 1 if not
    Delete(Target),
    /// Removes several entries
    DeleteMany(Targets),
    /// Prints whether there is an entry; exits with 1 if not
    HasKey(Target),
    /// Prints how many seconds an entry still lives, `never` if it does not expire, `unknown` if the store cannot tell
    Ttl(Target),
    /// Adds to a stored integer and prints the sum
    Incr(Count),
    /// Subtracts from a stored integer and prints the difference
    Decr(Count),
    /// Moves an entry to a later version and prints that version
    IncrVersion(Count),
    /// Moves an entry to an earlier version and prints that version
    DecrVersion(Count),
    /// Empties the whole store of the alias, also of what other aliases, prefixes and versions put there
    Clear,
    /// Puts a small load on a cache, leaves nothing behind, and prints calls a second and how long they took
    Bench(Benchmark),
    /// Creates the tables of caches in databases, where they are missing
    #[command(name = "createcachetable")]
    CreateCacheTable(Tables),
    /// Gives every named version another value: what was cached for the one before is out of reach
    #[command(name = "invalidateversionedcaches")]
    InvalidateVersionedCaches,
    /// Works on the named versions
    #[command(subcommand)]
    Versions(VersionsCommand),
    /// Prints the completions of a shell
    Completions {
        /// Writes for this shell
        shell: Shell,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Target {
    /// The key, without prefix and version
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Targets {
    /// The keys, without prefix and version
    #[arg(required = true, value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Entry {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The value as JSON (a text in quotes: '"text"'), `-` to read it from stdin
    #[arg(value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) value: String,
    #[command(flatten)]
    pub(crate) lifetime: Lifetime,
}

#[derive(Args, Debug)]
pub(crate) struct Entries {
    /// A JSON object of keys and values, `-` to read it from stdin
    #[arg(value_name = "JSON")]
    pub(crate) entries: String,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) lifetime: Lifetime,
}

#[derive(Args, Debug)]
pub(crate) struct Count {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How much
    #[arg(default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) delta: i64,
}

#[derive(Args, Debug)]
pub(crate) struct Benchmark {
    /// The alias, as `--alias`
    #[arg(value_name = "ALIAS", conflicts_with = "alias")]
    pub(crate) cache: Option<String>,
    /// How many seconds each verb is called
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = duration)]
    pub(crate) seconds: Duration,
    /// How many bytes a value has
    #[arg(long, value_name = "BYTES", default_value_t = 100)]
    pub(crate) size: u32,
    /// How many threads call at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) threads: u16,
}

#[derive(Args, Debug)]
pub(crate) struct Tables {
    /// Creates these, whether or not a cache has them [default: those of all caches in databases]
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Creates them in the database of this alias only [default: that of each cache, `default` for a TABLE]
    #[arg(long, value_name = "ALIAS")]
    pub(crate) database: Option<String>,
    /// Prints the SQL, and creates nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VersionsCommand {
    /// Prints every name and its version
    List,
    /// Prints the version of a name; exits with 1 if it has none
    Get {
        /// The name
        name: String,
    },
    /// Gives names a version; one that has one keeps it
    Start {
        /// The names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Takes the versions of names away
    Stop {
        /// The names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Gives names another version: all of them, or none if one is unknown
    Invalidate {
        /// The names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The version, a number or a text [default: VERSION of the alias]
    #[arg(long, value_name = "VERSION", allow_negative_numbers = true)]
    key_version: Option<Version>,
}

impl Place {
    /// The cache, at the version that was asked for.
    pub(crate) fn of(&self, cache: Cache) -> Cache {
        match &self.key_version {
            Some(version) => cache.version(version),
            None => cache,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Lifetime {
    /// How long it is kept: seconds, `5m`, `1h30m`, `never` [default: TIMEOUT of the alias]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    timeout: Option<Timeout>,
}

impl Lifetime {
    pub(crate) fn timeout(&self) -> Timeout {
        self.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }
}

/// A number of seconds, at most an hour of them.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (0.001..=3_600.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected seconds, such as `0.5`, at most 3600".to_owned())
}

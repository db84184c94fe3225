use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::process::Signal;

use crate::{
    program::run,
    server::{Launch, Place, Server},
    tls::Certificate,
    unprivileged::{give, identity},
};

/// A PostgreSQL server that survives its own end, not that of the machine.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    databases: AtomicU32,
}

/// Who may do everything, with [`PASSWORD`] if not by the socket.
const USER: &str = "cachemere";
const PASSWORD: &str = "s3cret";
/// The Debian package.
const PACKAGE: &str = "postgresql";

impl Postgres {
    /// A server as it comes.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these settings beside its own: `["max_connections=5"]`.
    #[must_use]
    pub fn with(settings: &[&str]) -> Self {
        let extra = settings.iter().flat_map(|setting| ["-c", setting]);
        Self {
            server: Server::start(Launch {
                // becomes the server, as another user if it must be
                program: "setpriv",
                package: PACKAGE,
                arguments,
                is_ready,
                extra: extra.map(str::to_owned).collect(),
                // no checkpoint: the next start recovers, as it does after a crash
                end: Signal::QUIT,
            }),
            databases: AtomicU32::new(0),
        }
    }

    /// A server that speaks TLS to those who ask for it.
    ///
    /// # Panics
    /// If the certificate cannot be read.
    #[must_use]
    pub fn with_tls(certificate: &Certificate) -> Self {
        let setting = |name: &str, path: PathBuf| format!("{name}={}", path.display());
        Self::with(&[
            "ssl=on",
            &setting("ssl_cert_file", certificate.cert()),
            // the server insists on a key that is its own
            &setting("ssl_key_file", own_key(&certificate.key())),
        ])
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// `127.0.0.1:5432`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The URL of a database by this port or another, that of a proxy.
    #[must_use]
    pub fn url_by(&self, port: u16, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// The name of a new and empty database.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let _ = self.ask("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The URL of a new and empty database: `postgres://cachemere:s3cret@127.0.0.1:5432/test0`.
    #[must_use]
    pub fn new_url(&self) -> String {
        self.url_by(self.port(), &self.database())
    }

    /// The process.
    pub fn server(&mut self) -> &mut Server {
        &mut self.server
    }

    /// Stops it: it answers nothing until [`cont`](Self::cont).
    pub fn stop(&self) {
        self.server.stop();
    }

    /// Lets it go on.
    pub fn cont(&self) {
        self.server.cont();
    }

    /// Runs SQL in a database and shows the rows in lines, the columns split by `|`.
    ///
    /// # Panics
    /// If the server refuses it.
    #[must_use]
    pub fn ask(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(binary("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--username", USER, "--dbname", database, "--command", sql])
            .arg("--host")
            .arg(&self.server.place().folder)
            .args(["--port", &self.port().to_string()])
            .args(["--variable", "ON_ERROR_STOP=1"]);
        run(&mut psql, PACKAGE)
    }
}

fn arguments(place: &Place, extra: &[String]) -> Vec<String> {
    give(&place.folder);
    if !place.data.exists() {
        initialize(place);
    }
    let own = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={}", place.port),
        format!("unix_socket_directories={}", place.folder.display()),
        "max_connections=200".to_owned(),
        "shared_buffers=32MB".to_owned(),
        "dynamic_shared_memory_type=mmap".to_owned(),
        "fsync=off".to_owned(),
        "full_page_writes=off".to_owned(),
    ];
    let own = own
        .into_iter()
        .flat_map(|setting| ["-c".to_owned(), setting]);
    let mut arguments = identity();
    let program = [binary("postgres"), "-D".into(), place.data.clone()];
    arguments.extend(program.map(|part| part.display().to_string()));
    arguments.extend(own.chain(extra.iter().cloned()));
    arguments
}

fn initialize(place: &Place) {
    fs::create_dir(&place.data).expect("a folder of the server");
    give(&place.data);
    let password = place.folder.join("password");
    fs::write(&password, PASSWORD).expect("a file in the folder");
    let mut initdb = Command::new("setpriv");
    initdb
        .args(identity())
        .arg(binary("initdb"))
        .arg("--pgdata")
        .arg(&place.data)
        .args(["--username", USER, "--pwfile"])
        .arg(password)
        .args(["--auth-local", "trust", "--auth-host", "scram-sha-256"])
        .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
        .current_dir(&place.folder);
    let _ = run(&mut initdb, PACKAGE);
}

/// The server says so in the eighth line of its own file.
fn is_ready(place: &Place) -> bool {
    let status = fs::read_to_string(place.data.join("postmaster.pid"));
    let status = status.unwrap_or_default();
    status
        .lines()
        .nth(7)
        .is_some_and(|line| line.trim() == "ready")
}

/// A copy of a key that belongs to who a server runs as, beside it.
fn own_key(key: &Path) -> PathBuf {
    let copy = key.with_extension("postgres");
    fs::copy(key, &copy).expect("the key can be read");
    let folder = key.parent().expect("it lies in a folder");
    fs::set_permissions(folder, Permissions::from_mode(0o711)).expect("it is ours");
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).expect("it is ours");
    give(&copy);
    copy
}

/// A program of the newest version that is installed: Debian keeps most of them out of PATH.
fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.flatten().map(|version| version.path());
    let newest = versions.max_by_key(|path| {
        let version = path.file_name().and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    });
    newest.map_or_else(|| name.into(), |version| version.join("bin").join(name))
}

use std::{
    fs,
    io::Read,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use rustix::process::{Signal, getuid};

use crate::{
    program::run,
    server::{Launch, Place, Server},
    tls::Certificate,
};

/// A MariaDB server that survives its own end, not that of the machine.
#[derive(Debug)]
pub struct Mariadb {
    server: Server,
    databases: AtomicU32,
}

/// Who may do everything; by the socket, root needs no password.
const USER: &str = "cachemere";
const PASSWORD: &str = "s3cret";
/// The Debian package.
const PACKAGE: &str = "mariadb-server";

impl Mariadb {
    /// A server as it comes.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these arguments beside its own: `["--max-connections=5"]`.
    #[must_use]
    pub fn with(extra: &[&str]) -> Self {
        Self {
            server: Server::start(Launch {
                program: "mariadbd",
                package: PACKAGE,
                arguments,
                is_ready,
                extra: extra.iter().copied().map(str::to_owned).collect(),
                end: Signal::KILL,
            }),
            databases: AtomicU32::new(0),
        }
    }

    /// A server that speaks TLS to those who ask for it.
    #[must_use]
    pub fn with_tls(certificate: &Certificate) -> Self {
        let argument = |name: &str, path: PathBuf| format!("--{name}={}", path.display());
        Self::with(&[
            &argument("ssl-cert", certificate.cert()),
            &argument("ssl-key", certificate.key()),
        ])
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// `127.0.0.1:3306`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The URL of a database by this port or another, that of a proxy.
    #[must_use]
    pub fn url_by(&self, port: u16, database: &str) -> String {
        format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// The name of a new and empty database.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let _ = self.ask("mysql", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The URL of a new and empty database: `mysql://cachemere:s3cret@127.0.0.1:3306/test0`.
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

    /// Runs SQL in a database and shows the rows in lines, the columns split by tabs.
    ///
    /// # Panics
    /// If the server refuses it.
    #[must_use]
    pub fn ask(&self, database: &str, sql: &str) -> String {
        let socket = self.server.place().folder.join("mariadb.sock");
        let mut mariadb = Command::new("mariadb");
        mariadb
            .args(["--no-defaults", "--batch", "--skip-column-names"])
            .args(["--user", "root", "--database", database, "--execute", sql])
            .arg("--socket")
            .arg(socket);
        run(&mut mariadb, PACKAGE)
    }
}

fn arguments(place: &Place, extra: &[String]) -> Vec<String> {
    if !place.data.exists() {
        initialize(place);
    }
    let start = place.folder.join("start.sql");
    let user = format!("'{USER}'@'%'");
    let statements = format!(
        "CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO {user};\n"
    );
    fs::write(&start, statements).expect("a file in the folder");
    let path = |name: &str, path: &Path| format!("--{name}={}", path.display());
    let mut arguments = vec![
        "--no-defaults".to_owned(),
        path("datadir", &place.data),
        path("socket", &place.folder.join("mariadb.sock")),
        path("pid-file", &place.folder.join("mariadb.pid")),
        // a server removes at its start what others have in one that they share
        path("tmpdir", &place.folder),
        path("init-file", &start),
        format!("--port={}", place.port),
    ];
    let own = [
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--max-connections=200",
        "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=32M",
        // what is committed survives the end of the process
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-doublewrite=0",
        "--innodb-use-native-aio=0",
        "--aria-log-file-size=8M",
    ];
    arguments.extend(own.map(str::to_owned));
    arguments.extend(as_root().map(str::to_owned));
    arguments.extend_from_slice(extra);
    arguments
}

fn initialize(place: &Place) {
    let mut install = Command::new("mariadb-install-db");
    install
        .args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"])
        .args(["--auth-root-authentication-method=normal"])
        .arg(format!("--datadir={}", place.data.display()))
        .arg(format!("--tmpdir={}", place.folder.display()))
        .args(as_root());
    let _ = run(&mut install, PACKAGE);
}

/// A server that runs as root wants to be told so.
fn as_root() -> Option<&'static str> {
    getuid().is_root().then_some("--user=root")
}

/// It greets who connects, once it has done what it does at its start.
fn is_ready(place: &Place) -> bool {
    let greeting = TcpStream::connect(("127.0.0.1", place.port)).and_then(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_millis(100)))?;
        stream.read_exact(&mut [0; 5])
    });
    greeting.is_ok()
}

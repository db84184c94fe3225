use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Starts a program in the background, says its id, and ends it when its own input ends, with all it wrote; a line of
/// input keeps what is beside the folder.
const WATCH: &str = r#"folder=$1; signal=$2; shift 2
"$@" >"$folder/log" 2>&1 </dev/null &
server=$!
echo $server
kept=$(cat)
kill -$signal $server
kill -CONT $server
wait $server 2>/dev/null
if [ -n "$kept" ]; then rm -rf "$folder"; else rm -rf "${folder%/*}"; fi
"#;

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program.
    pub program: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
    /// Its arguments at a place.
    pub arguments: fn(&Place, &[String]) -> Vec<String>,
    /// Whether it can be used.
    pub is_ready: fn(&Place) -> bool,
    /// Arguments beside these, given to `arguments`.
    pub extra: Vec<String>,
    /// What ends it at once, with the processes it started.
    pub end: Signal,
}

/// Where a server listens and writes.
#[derive(Clone, Debug)]
pub struct Place {
    /// A port of 127.0.0.1.
    pub port: u16,
    /// A folder for it alone, for as long as it runs.
    pub folder: PathBuf,
    /// A place beside the folder for what survives a kill.
    pub data: PathBuf,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    launch: Launch,
    place: Place,
    running: Option<Running>,
    _folder: TempDir,
}

#[derive(Debug)]
struct Running {
    watch: Child,
    server: Pid,
}

impl Server {
    /// Starts a server on a free port and waits until it is ready.
    ///
    /// # Panics
    /// If it does not start: the message says which package has it.
    #[must_use]
    pub fn start(launch: Launch) -> Self {
        // a server may run as another user, who must come through
        let folder = tempfile::Builder::new()
            .prefix("cachemere-")
            .permissions(Permissions::from_mode(0o711))
            .tempdir();
        let folder = folder.expect("a temporary folder");
        let place = Place {
            port: 0,
            folder: folder.path().join("server"),
            data: folder.path().join("data"),
        };
        let mut server = Self {
            launch,
            place,
            running: None,
            _folder: folder,
        };
        // another may be faster to take the port
        for _ in 0..5 {
            server.place.port = free_port();
            if server.launch() {
                return server;
            }
        }
        let Launch {
            program, package, ..
        } = server.launch;
        panic!("`{program}` does not start; is it there? apt-get install {package}");
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.place.port
    }

    /// Where it listens and writes.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        let kept = self.running.take().map(|mut running| {
            let input = running.watch.stdin.as_mut().expect("it is a pipe");
            input.write_all(b"keep\n")
        });
        kept.transpose().expect("the watch reads");
    }

    /// Starts it again, at the same place, if it does not run.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        assert!(
            self.running.is_some() || self.launch(),
            "the server does not start again"
        );
    }

    /// Stops it: it answers nothing until [`cont`](Self::cont).
    ///
    /// # Panics
    /// If it does not stand still.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
        until("it stands still", || self.state() == Some('T'));
    }

    /// Lets it go on.
    pub fn cont(&self) {
        self.signal(Signal::CONT);
    }

    /// To the server and to the processes it started, which may end meanwhile.
    fn signal(&self, signal: Signal) {
        let running = self.running.as_ref().expect("the server runs");
        kill_process(running.server, signal).expect("it is a process of ours");
        for child in children(running.server) {
            let _ = kill_process(child, signal);
        }
    }

    fn launch(&mut self) -> bool {
        fs::create_dir_all(&self.place.folder).expect("a folder of the server");
        let mut watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(&self.place.folder)
            .arg(self.launch.end.as_raw().to_string())
            .arg(self.launch.program)
            .args((self.launch.arguments)(&self.place, &self.launch.extra))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh is everywhere");
        let mut id = String::new();
        let mut output = BufReader::new(watch.stdout.take().expect("it is a pipe"));
        output
            .read_line(&mut id)
            .expect("the watch says the id of the server");
        let id = id.trim().parse().ok().and_then(Pid::from_raw);
        let server = id.expect("the watch says the id of the server");
        self.running = Some(Running { watch, server });
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline && self.is_alive() {
            if (self.launch.is_ready)(&self.place) {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let mut log = String::new();
        if let Ok(mut file) = fs::File::open(self.place.folder.join("log")) {
            let _ = file.read_to_string(&mut log);
        }
        eprintln!("{} did not start: {log}", self.launch.program);
        self.running = None;
        false
    }

    /// Whether the process is there and is no zombie.
    fn is_alive(&self) -> bool {
        self.state().is_some_and(|state| state != 'Z')
    }

    /// What the system says of the process: `R`, `S`, `T`, `Z`.
    fn state(&self) -> Option<char> {
        let id = self.running.as_ref()?.server.as_raw_nonzero();
        let status = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // `id (name) state`, and the name may hold anything
        status.rsplit_once(") ")?.1.chars().next()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// The processes that a process started.
fn children(parent: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("/proc is there").flatten();
    let is_child = |entry: &fs::DirEntry| {
        let status = fs::read_to_string(entry.path().join("stat")).ok()?;
        // `id (name) state parent`, and the name may hold anything
        let (_, rest) = status.rsplit_once(") ")?;
        let id = rest.split(' ').nth(1)?.parse().ok()?;
        (Pid::from_raw(id) == Some(parent)).then_some(())
    };
    let ids = processes.filter(|entry| is_child(entry).is_some());
    ids.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// A port that nothing listened on a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// Waits until something is so, at most a minute: far longer than it takes on a machine that has much else to do.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "still not: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

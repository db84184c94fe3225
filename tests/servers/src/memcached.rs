use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use crate::server::{Launch, Place, Server, until};

/// A memcached server with one thread.
#[derive(Debug)]
pub struct Memcached {
    server: Server,
}

/// What [`Memcached::with_password`] and [`Memcached::with_sasl`] let in.
const USERNAME: &str = "user";
const PASSWORD: &str = "pass";

impl Memcached {
    /// A server as it comes.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these arguments beside its own: `["-I", "2m"]`.
    #[must_use]
    pub fn with(extra: &[&str]) -> Self {
        Self::launch("memcached", tcp, extra)
    }

    /// A server that listens on [`socket`](Self::socket), and on no port.
    #[must_use]
    pub fn on_a_socket() -> Self {
        Self::launch("memcached", unix, &[])
    }

    /// A server for `user` with the password `pass`, who say so in the text protocol.
    #[must_use]
    pub fn with_password() -> Self {
        Self::launch("memcached", with_password, &[])
    }

    /// A server for `user` with the password `pass`, by SASL, which speaks the binary protocol only.
    #[must_use]
    pub fn with_sasl() -> Self {
        Self::launch("env", with_sasl, &[])
    }

    fn launch(
        program: &'static str,
        arguments: fn(&Place, &[String]) -> Vec<String>,
        extra: &[&str],
    ) -> Self {
        Self {
            server: Server::start(Launch {
                program,
                package: "memcached libsasl2-modules sasl2-bin",
                arguments,
                is_ready,
                extra: extra.iter().copied().map(str::to_owned).collect(),
                end: Signal::KILL,
            }),
        }
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// `127.0.0.1:11211`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// `unix:/tmp/…/memcached.sock`.
    #[must_use]
    pub fn socket(&self) -> String {
        format!("unix:{}", socket(self.server.place()).display())
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

    /// Waits for a time of the server's own clock, which moves late when the machine is busy.
    ///
    /// # Panics
    /// If it does not speak the text protocol with everybody.
    pub fn wait(&self, time: Duration) {
        let end = self.stat("time") + time.as_secs();
        thread::sleep(time);
        until("its clock has moved on", || self.stat("time") >= end);
    }

    /// A conversation in the text protocol.
    ///
    /// # Panics
    /// If it does not listen.
    #[must_use]
    pub fn talk(&self) -> Talk {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a timeout");
        Talk(stream)
    }

    /// [`Talk::ask`] on a connection of its own.
    #[must_use]
    pub fn raw(&self, line: &str, end: &str) -> String {
        self.talk().ask(line, end)
    }

    /// [`Talk::stat`] on a connection of its own.
    #[must_use]
    pub fn stat(&self, name: &str) -> u64 {
        self.talk().stat(name)
    }
}

/// One connection to a server.
#[derive(Debug)]
pub struct Talk(TcpStream);

impl Talk {
    /// The answer to a line, up to a line that begins with `end`.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn ask(&mut self, line: &str, end: &str) -> String {
        self.0
            .write_all(format!("{line}\r\n").as_bytes())
            .expect("it reads");
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let length = self.0.read(&mut buffer).expect("it answers");
            assert_ne!(length, 0, "it closed the connection");
            answer.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8_lossy(&answer);
            if text.ends_with("\r\n") && text.lines().any(|line| line.starts_with(end)) {
                return text.into_owned();
            }
        }
    }

    /// One of the numbers of `stats`.
    ///
    /// # Panics
    /// If there is none of that name.
    #[must_use]
    pub fn stat(&mut self, name: &str) -> u64 {
        let stats = self.ask("stats", "END");
        let prefix = format!("STAT {name} ");
        let value = stats.lines().find_map(|line| line.strip_prefix(&prefix));
        value
            .and_then(|value| value.parse().ok())
            .expect("a number of this name")
    }
}

/// A memcached that runs as root wants to be told so.
fn common(place: &Place) -> Vec<String> {
    let pid = place.folder.join("pid");
    let pid = pid.to_string_lossy();
    ["-u", "root", "-m", "64", "-t", "1", "-P", &pid]
        .map(str::to_owned)
        .to_vec()
}

fn tcp(place: &Place, extra: &[String]) -> Vec<String> {
    let port = place.port.to_string();
    let mut arguments = common(place);
    arguments.extend(["-l", "127.0.0.1", "-p", &port].map(str::to_owned));
    arguments.extend_from_slice(extra);
    arguments
}

fn unix(place: &Place, _: &[String]) -> Vec<String> {
    let mut arguments = common(place);
    arguments.extend([
        "-s".to_owned(),
        socket(place).to_string_lossy().into_owned(),
    ]);
    arguments
}

fn with_password(place: &Place, extra: &[String]) -> Vec<String> {
    let file = place.folder.join("users");
    fs::write(&file, format!("{USERNAME}:{PASSWORD}\n")).expect("a file of users");
    let mut arguments = tcp(place, extra);
    arguments.extend(["-Y".to_owned(), file.to_string_lossy().into_owned()]);
    arguments
}

/// The program is `env`, which becomes memcached.
fn with_sasl(place: &Place, extra: &[String]) -> Vec<String> {
    let users = place.folder.join("users");
    let configuration = format!(
        "mech_list: plain\npwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\n",
        users.display()
    );
    fs::write(place.folder.join("memcached.conf"), configuration).expect("a configuration");
    let mut command = Command::new("saslpasswd2")
        .args(["-c", "-p", "-a", "memcached", "-f"])
        .args([users.as_os_str(), USERNAME.as_ref()])
        .stdin(Stdio::piped())
        .spawn()
        .expect("`saslpasswd2` is there: apt-get install sasl2-bin");
    let input = command.stdin.take().expect("it is a pipe");
    (&input).write_all(PASSWORD.as_bytes()).expect("it reads");
    drop(input);
    assert!(
        command.wait().expect("it ends").success(),
        "`saslpasswd2` failed"
    );
    let environment = format!("SASL_CONF_PATH={}", place.folder.display());
    let mut arguments = vec![environment, "memcached".to_owned(), "-S".to_owned()];
    arguments.extend(tcp(place, extra));
    arguments
}

fn socket(place: &Place) -> PathBuf {
    place.folder.join("memcached.sock")
}

/// It writes its id when it listens, and not at all if something else listens there.
fn is_ready(place: &Place) -> bool {
    let listens = TcpStream::connect(("127.0.0.1", place.port)).is_ok()
        || UnixStream::connect(socket(place)).is_ok();
    listens && place.folder.join("pid").exists()
}

use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpStream,
    path::PathBuf,
    sync::Mutex,
    time::Duration,
};

use rustix::process::Signal;

use crate::{
    server::{Launch, Place, Server, free_port, until},
    tls::Certificate,
};

/// A redis server; what it stores is in memory only.
#[derive(Debug)]
pub struct Redis {
    server: Server,
    auth: Vec<String>,
    /// Connections of [`ask`](Self::ask).
    lines: Mutex<Vec<Line>>,
}

type Line = BufReader<TcpStream>;

impl Redis {
    /// A server as it comes, with 16384 databases.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these lines of configuration beside its own: `["--maxmemory", "1mb"]`.
    #[must_use]
    pub fn with(extra: &[&str]) -> Self {
        Self {
            server: Server::start(Launch {
                program: "redis-server",
                package: "redis-server",
                arguments,
                is_ready,
                extra: extra.iter().copied().map(str::to_owned).collect(),
                end: Signal::KILL,
            }),
            auth: Vec::new(),
            lines: Mutex::default(),
        }
    }

    /// A server that nobody may use but one user, who may use everything.
    #[must_use]
    pub fn with_user(name: &str, password: &str) -> Self {
        let user = [
            "--user",
            name,
            "on",
            &format!(">{password}"),
            "~*",
            "&*",
            "+@all",
        ];
        let mut server = Self::with(&[&user[..], &["--user", "default", "off"]].concat());
        server.auth = vec![name.to_owned(), password.to_owned()];
        server
    }

    /// A server that also listens for TLS, and its port for that.
    #[must_use]
    pub fn with_tls(certificate: &Certificate) -> (Self, u16) {
        let port = free_port();
        let path = |path: PathBuf| path.display().to_string();
        let (cert, key) = (path(certificate.cert()), path(certificate.key()));
        let tls = [
            "--tls-port",
            &port.to_string(),
            "--tls-cert-file",
            &cert,
            "--tls-key-file",
            &key,
            "--tls-ca-cert-file",
            &cert,
            "--tls-auth-clients",
            "optional",
        ];
        (Self::with(&tls), port)
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// `127.0.0.1:6379`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// `redis://127.0.0.1:6379`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The socket it listens on, too.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.server.place().folder.join("redis.sock")
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

    /// Runs a command and shows its reply as text, the members of a list in lines.
    ///
    /// # Panics
    /// If the server cannot be reached.
    #[must_use]
    pub fn ask(&self, command: &[&str]) -> String {
        self.ask_all(&[command])
            .pop()
            .expect("every command has a reply")
    }

    /// Runs several commands on one connection.
    ///
    /// # Panics
    /// If the server cannot be reached.
    #[must_use]
    pub fn ask_all(&self, commands: &[&[&str]]) -> Vec<String> {
        let kept = self.lines.lock().expect("no thread panicked").pop();
        let again = kept.and_then(|mut line| Some((ask(&mut line, commands).ok()?, line)));
        let (replies, line) = again.unwrap_or_else(|| {
            let mut line = connect(self.port()).expect("the server can be reached");
            if !self.auth.is_empty() {
                let auth: Vec<_> = ["AUTH"]
                    .into_iter()
                    .chain(self.auth.iter().map(String::as_str))
                    .collect();
                ask(&mut line, &[&auth]).expect("the server answers");
            }
            (ask(&mut line, commands).expect("the server answers"), line)
        });
        self.lines.lock().expect("no thread panicked").push(line);
        replies
    }

    /// A member of `INFO`.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn info(&self, name: &str) -> String {
        let info = self.ask(&["INFO"]);
        let prefix = format!("{name}:");
        let line = info.lines().find_map(|line| line.strip_prefix(&prefix));
        line.expect("INFO has it").trim().to_owned()
    }
}

fn arguments(place: &Place, extra: &[String]) -> Vec<String> {
    let socket = place.folder.join("redis.sock");
    let own = [
        ("--port", place.port.to_string()),
        ("--bind", "127.0.0.1".into()),
        ("--dir", place.folder.display().to_string()),
        ("--unixsocket", socket.display().to_string()),
        ("--save", String::new()),
        ("--appendonly", "no".into()),
        ("--databases", "16384".into()),
        ("--repl-diskless-sync-delay", "0".into()),
        ("--enable-debug-command", "yes".into()),
        ("--cluster-port", free_port().to_string()),
    ];
    let own = own
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value]);
    own.chain(extra.iter().cloned()).collect()
}

fn is_ready(place: &Place) -> bool {
    let reply = connect(place.port).and_then(|mut line| ask(&mut line, &[&["PING"]]));
    reply.is_ok_and(|reply| {
        reply
            .iter()
            .any(|reply| reply == "PONG" || reply.starts_with("NOAUTH"))
    })
}

/// A leader, and servers that follow it: writes are read there a moment later.
#[must_use]
pub fn replicas(count: usize) -> Vec<Redis> {
    let leader = Redis::start();
    let port = leader.port().to_string();
    let mut servers = vec![leader];
    for _ in 0..count {
        servers.push(Redis::with(&["--replicaof", "127.0.0.1", &port]));
    }
    until("all replicas follow", || {
        let is_up = |server: &Redis| server.info("master_link_status") == "up";
        let seen = servers[0].ask(&["INFO", "replication"]);
        servers[1..].iter().all(is_up) && seen.matches("state=online").count() == count
    });
    // the first acknowledgement comes late
    until("all replicas acknowledge", || {
        let written = servers[0].ask_all(&[
            &["SET", "settled", "1"],
            &["WAIT", &count.to_string(), "1000"],
            &["DEL", "settled"],
        ]);
        written[1] == count.to_string()
    });
    servers
}

/// A cluster: three leaders that share the slots.
///
/// # Panics
/// If they do not find together.
#[must_use]
pub fn cluster() -> Vec<Redis> {
    nodes(0)
}

/// A cluster: three leaders that share the slots, and then a replica of each.
///
/// # Panics
/// If they do not find together.
#[must_use]
pub fn cluster_with_replicas() -> Vec<Redis> {
    let nodes = nodes(3);
    let (leaders, replicas) = nodes.split_at(3);
    for (leader, replica) in leaders.iter().zip(replicas) {
        let id = leader.ask(&["CLUSTER", "MYID"]);
        assert_eq!(replica.ask(&["CLUSTER", "REPLICATE", &id]), "OK");
    }
    until("the replicas follow, and all know it", || {
        let is_up = |replica: &Redis| replica.info("master_link_status") == "up";
        let knows = |node: &Redis| node.ask(&["CLUSTER", "NODES"]).matches("slave").count() == 3;
        replicas.iter().all(is_up) && nodes.iter().all(knows)
    });
    nodes
}

/// Three leaders, and more nodes that lead nothing.
fn nodes(more: usize) -> Vec<Redis> {
    let node = || {
        Redis::with(&[
            "--cluster-enabled",
            "yes",
            "--databases",
            "1",
            "--cluster-node-timeout",
            "2000",
        ])
    };
    let nodes: Vec<_> = (0..3 + more).map(|_| node()).collect();
    let known = format!("cluster_known_nodes:{}", nodes.len());
    let ranges = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
    for (node, (first, last)) in nodes.iter().zip(ranges) {
        assert_eq!(node.ask(&["CLUSTER", "ADDSLOTSRANGE", first, last]), "OK");
    }
    for node in &nodes[1..] {
        let bus = node.ask(&["CONFIG", "GET", "cluster-port"]);
        let bus = bus.lines().last().expect("it has a value").to_owned();
        assert_eq!(
            nodes[0].ask(&[
                "CLUSTER",
                "MEET",
                "127.0.0.1",
                &node.port().to_string(),
                &bus
            ]),
            "OK"
        );
    }
    until("the cluster is whole", || {
        nodes.iter().all(|node| {
            let info = node.ask(&["CLUSTER", "INFO"]);
            info.contains("cluster_state:ok") && info.contains(&known)
        })
    });
    nodes
}

/// A leader with a replica, and three sentinels that call it `name`.
#[must_use]
pub fn sentinels(name: &str) -> (Vec<Redis>, Vec<Server>) {
    let servers = replicas(1);
    let sentinel = || {
        Server::start(Launch {
            program: "redis-server",
            package: "redis-server",
            arguments: |place, extra| {
                let config = place.folder.join("sentinel.conf");
                let port = place.port;
                let folder = place.folder.display();
                let text = format!(
                    "port {port}\nbind 127.0.0.1\ndir {folder}\n{}\n",
                    extra.join("\n")
                );
                std::fs::write(&config, text).expect("a configuration for the sentinel");
                vec![config.display().to_string(), "--sentinel".into()]
            },
            is_ready,
            extra: vec![
                format!("sentinel monitor {name} 127.0.0.1 {} 2", servers[0].port()),
                format!("sentinel down-after-milliseconds {name} 500"),
                format!("sentinel failover-timeout {name} 2000"),
            ],
            end: Signal::KILL,
        })
    };
    let sentinels = vec![sentinel(), sentinel(), sentinel()];
    until("all sentinels know each other", || {
        sentinels.iter().all(|sentinel| {
            let question: &[&str] = &["SENTINEL", "MASTER", name];
            let known = connect(sentinel.port()).and_then(|mut line| ask(&mut line, &[question]));
            let known = known.map(|replies| replies.concat()).unwrap_or_default();
            let mut lines = known.lines();
            let mut after = |name: &str| {
                lines.find(|line| *line == name)?;
                lines.next().map(str::to_owned)
            };
            after("num-slaves").as_deref() == Some("1")
                && after("num-other-sentinels").as_deref() == Some("2")
        })
    });
    (servers, sentinels)
}

/// Makes the sentinels exchange the leader that they call `name`, which goes on as a replica.
///
/// # Panics
/// If they refuse.
pub fn fail_over(sentinel: &Server, name: &str) {
    let order: &[&str] = &["SENTINEL", "FAILOVER", name];
    let replies = connect(sentinel.port()).and_then(|mut line| ask(&mut line, &[order]));
    assert_eq!(replies.expect("the sentinel answers"), ["OK"]);
}

fn connect(port: u16) -> io::Result<Line> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::new(stream))
}

fn ask(line: &mut Line, commands: &[&[&str]]) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    for command in commands {
        write!(bytes, "*{}\r\n", command.len())?;
        for argument in *command {
            write!(bytes, "${}\r\n{argument}\r\n", argument.len())?;
        }
    }
    line.get_mut().write_all(&bytes)?;
    commands.iter().map(|_| reply(line)).collect()
}

fn reply(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let rest = line.get(1..).ok_or_else(broken)?.trim_end().to_owned();
    let length = || rest.parse::<usize>().ok().ok_or_else(broken);
    match line.as_bytes()[0] {
        b'$' if rest == "-1" => Ok(String::new()),
        b'$' => {
            let mut bytes = vec![0; length()? + 2];
            stream.read_exact(&mut bytes)?;
            bytes.truncate(bytes.len() - 2);
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
        b'*' => {
            let members: io::Result<Vec<_>> = (0..length()?).map(|_| reply(stream)).collect();
            Ok(members?.join("\n"))
        }
        _ => Ok(rest),
    }
}

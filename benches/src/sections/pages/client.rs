use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How many connections ask at once.
const CONNECTIONS: usize = 16;

/// Connections that ask for one page over and over, and read no more of the answers than they must.
pub(super) struct Client {
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(server: SocketAddr, path: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\naccept: text/html\r\n\r\n");
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(server).await.expect("it listens");
            stream.set_nodelay(true).expect("it is a socket");
            connections.push(Connection {
                stream,
                request: request.clone().into_bytes(),
                answer: vec![0; 128 << 10],
            });
        }
        Self { connections }
    }

    /// How long so many requests take, all connections together.
    pub(super) async fn requests(&mut self, times: u64) -> Duration {
        let each = times.div_ceil(CONNECTIONS as u64);
        let start = Instant::now();
        let running: Vec<_> = self
            .connections
            .drain(..)
            .map(|mut connection| {
                tokio::spawn(async move {
                    for _ in 0..each {
                        connection.request().await;
                    }
                    connection
                })
            })
            .collect();
        for connection in running {
            self.connections
                .push(connection.await.expect("no task panics"));
        }
        start
            .elapsed()
            .mul_f64(times as f64 / (each * CONNECTIONS as u64) as f64)
    }
}

impl Connection {
    async fn request(&mut self) {
        self.stream
            .write_all(&self.request)
            .await
            .expect("it reads");
        let (mut read, mut end) = (0, None);
        while end.is_none_or(|end| read < end) {
            let more = self
                .stream
                .read(&mut self.answer[read..])
                .await
                .expect("it answers");
            assert_ne!(more, 0, "the connection stays open");
            read += more;
            end = end.or_else(|| length(&self.answer[..read]));
        }
        assert_eq!(end, Some(read), "nothing comes unasked");
    }
}

/// How long the answer is, once its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let text = str::from_utf8(&answer[..head]).expect("the head is text");
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let mut lines = text.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length
        .expect("it says its length")
        .parse()
        .expect("it is a number");
    Some(head + 4 + length)
}

//! Pages behind a real server, to whose clients things happen.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Path, response::Response, routing::get};
use bytes::Bytes;
use cachemere::{
    Caches,
    http::{ConditionalGetLayer, FetchFromCacheLayer, UpdateCacheLayer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A body of frames that a test sends one by one.
struct Stream(mpsc::Receiver<&'static str>);

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        let frame = self.0.poll_recv(context);
        frame.map(|data| {
            data.map(|data| Ok(http_body::Frame::data(Bytes::from_static(data.as_bytes()))))
        })
    }
}

struct Server {
    address: SocketAddr,
    caches: Caches,
    calls: Arc<AtomicUsize>,
    /// Where the test writes the frames of `/stream`.
    frames: mpsc::Receiver<mpsc::Sender<&'static str>>,
}

async fn serve() -> Server {
    let caches = Caches::from_toml("[CACHES.default]\nBACKEND = 'locmem'").unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let (opened, frames) = mpsc::channel(8);
    let (counter, streams) = (Arc::clone(&calls), Arc::clone(&calls));
    let stream = async move || {
        streams.fetch_add(1, Ordering::SeqCst);
        let (sender, receiver) = mpsc::channel(8);
        opened.send(sender).await.unwrap();
        Response::new(Body::new(Stream(receiver)))
    };
    let page = async move |Path(name): Path<String>| {
        counter.fetch_add(1, Ordering::SeqCst);
        name
    };
    let router = Router::new()
        .route("/page/{name}", get(page))
        .route("/stream", get(stream))
        .layer(FetchFromCacheLayer::new())
        .layer(UpdateCacheLayer::with_caches(&caches))
        .layer(ConditionalGetLayer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    Server {
        address,
        caches,
        calls,
        frames,
    }
}

impl Server {
    async fn open(&self, request: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        connection
            .write_all(format!("{request}\r\nHost: test\r\nConnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        connection
    }

    /// The whole answer, as it comes over the wire.
    async fn ask(&self, request: &str) -> String {
        let mut answer = String::new();
        self.open(request)
            .await
            .read_to_string(&mut answer)
            .await
            .unwrap();
        answer.to_lowercase()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_page_of_known_length_is_stored_before_the_client_has_it_all() {
    let server = serve().await;
    for n in 0..50 {
        let request = format!("GET /page/{n} HTTP/1.1");
        let first = server.ask(&request).await;
        let second = server.ask(&request).await;
        assert!(
            !first.contains("\r\nage: ") && second.contains("\r\nage: "),
            "{second}"
        );
    }
    assert_eq!(server.calls(), 50);
}

#[tokio::test]
async fn head_has_the_length_of_the_page_and_nothing_of_it() {
    let server = serve().await;
    server.ask("GET /page/hello HTTP/1.1").await;
    let head = server.ask("HEAD /page/hello HTTP/1.1").await;
    assert!(
        head.contains("content-length: 5") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_page_that_the_client_has_already_is_304() {
    let server = serve().await;
    let page = server.ask("GET /page/hello HTTP/1.1").await;
    let etag = page
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap()
        .to_owned();
    let again = server
        .ask(&format!(
            "GET /page/hello HTTP/1.1\r\nIf-None-Match: {etag}"
        ))
        .await;
    assert!(
        again.starts_with("http/1.1 304") && again.ends_with("\r\n\r\n"),
        "{again}"
    );
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_stream_reaches_the_client_frame_by_frame_and_is_a_page_when_it_ends() {
    let mut server = serve().await;
    let mut client = server.open("GET /stream HTTP/1.1").await;
    let sender = server.frames.recv().await.unwrap();
    sender.send("first,").await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"first,\r\n") {
        assert_ne!(client.read_buf(&mut seen).await.unwrap(), 0);
    }
    sender.send("second").await.unwrap();
    drop(sender);
    client.read_to_end(&mut seen).await.unwrap();
    assert!(seen.ends_with(b"second\r\n0\r\n\r\n"));
    assert!(
        server
            .ask("GET /stream HTTP/1.1")
            .await
            .contains("first,second")
    );
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_stream_whose_client_goes_is_no_page_and_holds_up_nobody() {
    let mut server = serve().await;
    let client = server.open("GET /stream HTTP/1.1").await;
    let sender = server.frames.recv().await.unwrap();
    sender.send("first").await.unwrap();
    drop(client);
    let deadline = Instant::now() + Duration::from_secs(60);
    while sender.send("more").await.is_ok() {
        assert!(
            Instant::now() < deadline,
            "the stream of a client that has gone is still read"
        );
    }
    let second = server.open("GET /stream HTTP/1.1").await;
    let sender = server.frames.recv().await.unwrap();
    drop((second, sender));
    assert_eq!(server.calls(), 2);
    assert_eq!(server.caches["default"].counters().faults(), 0);
}

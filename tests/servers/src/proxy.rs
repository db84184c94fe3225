use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// What a proxy does to the replies that pass it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Holds every reply back for a time.
    Delay(Duration),
    /// Closes the connection after so many bytes of replies.
    CutAfter(usize),
    /// Changes the byte at which a reply begins.
    Garble,
    /// Passes nothing on, in either direction, and accepts connections all the same.
    BlackHole,
}

/// Stands between a client and a server and does harm.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    fault: Fault,
    is_over: bool,
    streams: Vec<TcpStream>,
}

impl Proxy {
    /// A proxy before this port of 127.0.0.1.
    ///
    /// # Panics
    /// If there is no free port.
    #[must_use]
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(Mutex::new(State {
            fault: Fault::None,
            is_over: false,
            streams: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.lock().expect("no thread panicked").is_over {
                    return;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    continue;
                };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                pass(&client, &server, &shared);
            }
        });
        Self { port, state }
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:6379`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What it does from now on, also to the connections that there are.
    ///
    /// # Panics
    /// If a thread of it panicked.
    pub fn set(&self, fault: Fault) {
        self.state.lock().expect("no thread panicked").fault = fault;
    }

    /// Closes the connections that there are.
    ///
    /// # Panics
    /// If a thread of it panicked.
    pub fn cut(&self) {
        for stream in self
            .state
            .lock()
            .expect("no thread panicked")
            .streams
            .drain(..)
        {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.state.lock().expect("no thread panicked").is_over = true;
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn pass(client: &TcpStream, server: &TcpStream, state: &Arc<Mutex<State>>) {
    let clones = |stream: &TcpStream| stream.try_clone().expect("a socket can be cloned");
    state
        .lock()
        .expect("no thread panicked")
        .streams
        .extend([clones(client), clones(server)]);
    for (from, to, is_reply) in [
        (clones(client), clones(server), false),
        (clones(server), clones(client), true),
    ] {
        let state = Arc::clone(state);
        thread::spawn(move || {
            let _ = copy(&from, &to, is_reply, &state);
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }
}

fn copy(
    mut from: &TcpStream,
    mut to: &TcpStream,
    is_reply: bool,
    state: &Mutex<State>,
) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    let mut passed = 0;
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let bytes = &mut buffer[..length];
        let fault = state.lock().expect("no thread panicked").fault;
        match fault {
            Fault::BlackHole => continue,
            Fault::Delay(time) if is_reply => thread::sleep(time),
            Fault::Garble if is_reply => bytes[0] ^= 0x15,
            Fault::CutAfter(most) if is_reply && passed + length > most => {
                return to.write_all(&bytes[..most.saturating_sub(passed)]);
            }
            _ => {}
        }
        to.write_all(bytes)?;
        passed += length;
    }
}

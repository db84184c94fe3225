use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

/// Connects to a host, blocking: for stores that speak to servers.
///
/// - All of it takes at most `limit`: the look-up of the host's name, too.
/// - The addresses of a host are tried one after the other, and each is left a fair part of the time.
///
/// A look-up that takes longer goes on in a thread of its own, one for each name, and those who ask for the same name
/// meanwhile wait for it.
///
/// # Errors
/// If there is no such host, if none of its addresses accepts, or with [`TimedOut`](io::ErrorKind::TimedOut).
pub fn dial(host: &str, port: u16, limit: Duration) -> io::Result<TcpStream> {
    let deadline = Instant::now() + limit;
    let addresses = match host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => looked_up(host, deadline, look_up)?,
    };
    let mut problem = None;
    for (address, rest) in addresses.iter().zip((1..=addresses.len() as u32).rev()) {
        let left = deadline.saturating_duration_since(Instant::now()) / rest;
        if left.is_zero() {
            break;
        }
        let mut address = *address;
        address.set_port(port);
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => problem = Some(error),
        }
    }
    Err(problem.unwrap_or_else(|| io::ErrorKind::TimedOut.into()))
}

/// The look-ups that are going on.
struct Going {
    /// Whose threads do them: a forked child has none of them.
    process: u32,
    lookups: Vec<Arc<Lookup>>,
}

static GOING: Mutex<Going> = Mutex::new(Going {
    process: 0,
    lookups: Vec::new(),
});

struct Lookup {
    host: String,
    outcome: Mutex<Option<Found>>,
    ended: Condvar,
}

type Found = Result<Vec<SocketAddr>, Arc<io::Error>>;

fn look_up(host: &str) -> io::Result<Vec<SocketAddr>> {
    let addresses: Vec<_> = (host, 0).to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::other("the host has no address"));
    }
    Ok(addresses)
}

fn looked_up(
    host: &str,
    deadline: Instant,
    look_up: fn(&str) -> io::Result<Vec<SocketAddr>>,
) -> io::Result<Vec<SocketAddr>> {
    let lookup = Lookup::begun(host, look_up)?;
    let mut outcome = lookup.outcome.lock();
    while outcome.is_none() {
        if lookup.ended.wait_until(&mut outcome, deadline).timed_out() {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    match outcome.as_ref() {
        Some(Ok(addresses)) => Ok(addresses.clone()),
        Some(Err(error)) => Err(io::Error::new(error.kind(), Arc::clone(error))),
        None => Err(io::ErrorKind::TimedOut.into()),
    }
}

impl Lookup {
    /// The one that is going on for this host, or a new one.
    fn begun(
        host: &str,
        look_up: fn(&str) -> io::Result<Vec<SocketAddr>>,
    ) -> io::Result<Arc<Self>> {
        let mut going = GOING.lock();
        if going.process != process::id() {
            going.process = process::id();
            going.lookups.clear();
        }
        if let Some(lookup) = going.lookups.iter().find(|lookup| lookup.host == host) {
            return Ok(Arc::clone(lookup));
        }
        let lookup = Arc::new(Self {
            host: host.to_owned(),
            outcome: Mutex::default(),
            ended: Condvar::new(),
        });
        let own = Arc::clone(&lookup);
        thread::Builder::new()
            .name("cachemere-lookup".into())
            .spawn(move || own.end(look_up(&own.host)))?;
        going.lookups.push(Arc::clone(&lookup));
        Ok(lookup)
    }

    fn end(self: &Arc<Self>, found: io::Result<Vec<SocketAddr>>) {
        let mut going = GOING.lock();
        going.lookups.retain(|lookup| !Arc::ptr_eq(lookup, self));
        drop(going);
        *self.outcome.lock() = Some(found.map_err(Arc::new));
        self.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{Ipv4Addr, TcpListener},
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[test]
    fn a_host_is_reached_by_its_name_and_by_its_address() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost"] {
            assert_eq!(
                dial(host, port, LIMIT).unwrap().peer_addr().unwrap().port(),
                port
            );
        }
    }

    #[test]
    fn a_port_where_nobody_listens_is_refused() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = dial("127.0.0.1", port, LIMIT).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_name_that_is_not_found_is_an_error_to_all_who_wait() {
        fn fails(_: &str) -> io::Result<Vec<SocketAddr>> {
            Err(io::Error::other("no such host"))
        }
        let error = looked_up("nowhere", Instant::now() + LIMIT, fails).unwrap_err();
        assert_eq!(error.to_string(), "no such host");
    }

    #[test]
    fn a_look_up_that_hangs_is_waited_for_in_time_and_is_one_for_all() {
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        static HANGS: Mutex<()> = Mutex::new(());
        fn hangs(_: &str) -> io::Result<Vec<SocketAddr>> {
            BEGUN.fetch_add(1, SeqCst);
            drop(HANGS.lock());
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
        }
        let hung = HANGS.lock();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let error = looked_up("slow", soon(), hangs).unwrap_err();
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                });
            }
        });
        drop(hung);
        let found = looked_up("slow", Instant::now() + LIMIT, hangs).unwrap();
        assert_eq!(found.len(), 1);
        assert!((1..=2).contains(&BEGUN.load(SeqCst)));
    }
}

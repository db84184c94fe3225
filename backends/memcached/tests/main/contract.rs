use std::{sync::Arc, thread, time::Duration};

use cachemere_base::{Backend, BoxFuture, Settings, contract::Fixture};
use cachemere_memcached::{Memcached, Options};
use cachemere_servers::Memcached as Server;
use tokio::runtime::Runtime;

use crate::place::{open, options};

/// Servers that belong to one test, and the backend for them.
struct Servers {
    /// Dropped after the backend.
    servers: Vec<Server>,
    addresses: Vec<String>,
    options: Options,
    store: Arc<Memcached>,
    runtime: Runtime,
    tells_remaining: bool,
}

impl Servers {
    fn new(servers: Vec<Server>, options: &str) -> Self {
        let addresses = servers.iter().map(Server::address).collect();
        Self::at(servers, addresses, options)
    }

    fn at(servers: Vec<Server>, addresses: Vec<String>, text: &str) -> Self {
        Self {
            servers,
            store: Arc::new(open(addresses.clone(), options(text))),
            options: options(text),
            addresses,
            runtime: Runtime::new().unwrap(),
            tells_remaining: !text.contains("binary"),
        }
    }

    /// By the clock of the servers, if they tell it to everybody.
    fn wait(&self, time: Duration) {
        let is_open = self.options.username.is_none();
        match self.servers.as_slice() {
            [server] if is_open && self.addresses[0] == server.address() => server.wait(time),
            _ => thread::sleep(time),
        }
    }
}

macro_rules! fixture {
    ($name:ident = $make:expr) => {
        mod $name {
            use super::*;

            struct Place(Servers);

            impl Fixture for Place {
                fn open(_: Settings) -> Self {
                    Self($make)
                }

                fn backend(&self) -> Arc<dyn Backend> {
                    Arc::clone(&self.0.store) as Arc<dyn Backend>
                }

                fn another(&self) -> Arc<dyn Backend> {
                    let Servers {
                        addresses, options, ..
                    } = &self.0;
                    Arc::new(open(addresses.clone(), options.clone()))
                }

                fn advance(&self, by: Duration) {
                    self.0.wait(by + Duration::from_millis(150));
                }

                /// Two seconds longer than it was told to live may an entry be there.
                fn tick(&self) -> Option<Duration> {
                    Some(Duration::from_secs(2))
                }

                fn culls(&self) -> bool {
                    false
                }

                fn tells_remaining(&self) -> bool {
                    self.0.tells_remaining
                }

                fn block_on(&self, future: BoxFuture<'_, ()>) {
                    self.0.runtime.block_on(future);
                }
            }

            cachemere_base::contract!(Place);
        }
    };
}

fixture!(one = Servers::new(vec![Server::start()], ""));
fixture!(three = Servers::new((0..3).map(|_| Server::start()).collect(), ""));
fixture!(
    socket = {
        let server = Server::on_a_socket();
        let address = server.socket();
        Servers::at(vec![server], vec![address], "")
    }
);
fixture!(
    password = Servers::new(
        vec![Server::with_password()],
        "username = 'user'\npassword = 'pass'"
    )
);
fixture!(
    sasl = Servers::new(
        vec![Server::with_sasl()],
        "binary = true\nusername = 'user'\npassword = 'pass'"
    )
);

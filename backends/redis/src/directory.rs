use std::sync::Arc;

use parking_lot::Mutex;

use crate::server::{Address, Server};

/// The servers that others have named, one object for each address: connections are found by it.
#[derive(Debug)]
pub(crate) struct Directory {
    template: Server,
    servers: Mutex<Vec<Arc<Server>>>,
}

impl Directory {
    /// Some that are known, and others that are talked to as `template` is.
    pub(crate) fn new(template: Server, known: &[Arc<Server>]) -> Self {
        Self {
            template,
            servers: Mutex::new(known.to_vec()),
        }
    }

    pub(crate) fn at(&self, host: &str, port: u16) -> Arc<Server> {
        let address = Address::Tcp {
            host: host.to_owned(),
            port,
        };
        let mut servers = self.servers.lock();
        if let Some(server) = servers.iter().find(|server| server.address == address) {
            return Arc::clone(server);
        }
        let server = Arc::new(self.template.at(address));
        servers.push(Arc::clone(&server));
        server
    }
}

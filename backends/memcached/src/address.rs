use std::{fmt, net::Ipv6Addr, path::PathBuf};

use cachemere_base::{Error, Result, Settings};

const PORT: u16 = 11211;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

impl Address {
    /// The servers of LOCATION: a text is split on `;` and `,`, a list is taken as it is.
    pub(crate) fn all_of(settings: &Settings) -> Result<Vec<Self>> {
        let mut addresses = Vec::new();
        for text in settings
            .locations()
            .iter()
            .flat_map(|text| text.split([';', ',']))
        {
            let address = Self::parse(text.trim())?;
            if addresses.contains(&address) {
                return Err(wrong(format!("`{address}` is there twice")));
            }
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Err(wrong("no server is named; try \"127.0.0.1:11211\"".into()));
        }
        Ok(addresses)
    }

    fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(wrong("one of the servers is empty".into()));
        }
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(Self::Unix(path.into()));
        }
        if text.starts_with('/') {
            return Ok(Self::Unix(text.into()));
        }
        if text.contains("://") {
            let message = format!("`{text}` is a URL; give `host:port` or `unix:/path`");
            return Err(wrong(message));
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Ok(Self::tcp(text, PORT));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let port = port.map_or(Ok(PORT), str::parse::<u16>);
        match (host.trim_matches(['[', ']']), port) {
            ("", _) | (_, Err(_) | Ok(0)) => Err(wrong(format!(
                "`{text}` is no server; give `host:port` or `unix:/path`"
            ))),
            (host, Ok(port)) => Ok(Self::tcp(host, port)),
        }
    }

    fn tcp(host: &str, port: u16) -> Self {
        Self::Tcp {
            host: host.to_owned(),
            port,
        }
    }

    /// The name by which pymemcache routes to it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Tcp { host, port } => format!("{host}:{port}"),
            Self::Unix(path) => path.display().to_string(),
        }
    }

    /// The name by which libmemcached routes to it.
    pub(crate) fn ketama_name(&self) -> String {
        match self {
            Self::Tcp { host, port: PORT } => host.clone(),
            Self::Unix(path) => format!("{}:0", path.display()),
            Self::Tcp { .. } => self.name(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

fn wrong(message: String) -> Error {
    Error::setting("LOCATION", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// But for blanks, which are trimmed here and part of the name there.
    #[test]
    fn names_are_those_that_pymemcache_hashes() {
        let golden = include_str!("../../../tests/golden/django-golden.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let texts = |value: &serde_json::Value| -> Vec<String> {
            let list = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            let texts = list
                .iter()
                .map(|text| text.as_str().unwrap().trim().to_owned());
            texts.collect()
        };
        let vectors = golden["wire"]["memcached_servers"].as_array().unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let location = texts(&vector["LOCATION"]);
            let settings = Settings::new("a", "memcached").with_location(location.clone());
            let names = texts(&vector["hash_nodes"]);
            match Address::all_of(&settings) {
                Ok(addresses) => {
                    let ours: Vec<_> = addresses.iter().map(Address::name).collect();
                    assert_eq!(ours, names, "{location:?}");
                }
                Err(error) => assert!(names.iter().any(|name| name.starts_with(':')), "{error}"),
            }
        }
    }
}

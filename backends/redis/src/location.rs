use std::{path::PathBuf, time::Duration};

use cachemere_base::{Error, Result, Settings, Wait};

use crate::{
    options::{Mode, Options},
    server::{Address, Server},
};

const SCHEMES: &str = "`redis://`, `rediss://` or `unix://`";

/// The servers of LOCATION, the leader first.
pub(crate) fn servers(settings: &Settings, options: &Options, mode: Mode) -> Result<Vec<Server>> {
    let urls: Vec<&str> = match settings.locations() {
        [] => Vec::new(),
        [text] => text.split([',', ';']).collect(),
        several => several.iter().map(String::as_str).collect(),
    };
    if urls.iter().all(|url| url.trim().is_empty()) {
        return Err(refused("a URL is needed, such as `redis://127.0.0.1:6379`"));
    }
    let (options, port) = match mode {
        Mode::Single | Mode::Cluster => (options.clone(), 6379),
        Mode::Sentinel => (options.for_sentinels(), 26379),
    };
    let server = |url: &str| server(url.trim(), options.clone(), port);
    let servers = urls.into_iter().map(server).collect::<Result<Vec<_>>>()?;
    if mode == Mode::Single || servers.iter().all(|server| server.db == 0) {
        return Ok(servers);
    }
    Err(match mode {
        Mode::Sentinel => {
            refused("sentinels have no databases; the number belongs in `OPTIONS.db`")
        }
        _ => Error::setting("OPTIONS.db", "a cluster has no database but 0"),
    })
}

/// The leader that sentinels will name: talked to as OPTIONS say.
pub(crate) fn led(sentinel: &Server, options: &Options) -> Result<Server> {
    let server = build(sentinel.address.clone(), sentinel.tls.is_some(), options)?;
    Ok(Server {
        must_lead: true,
        ..server
    })
}

/// The server of one URL. No message shows the URL, which may have a password in it.
fn server(url: &str, mut options: Options, default_port: u16) -> Result<Server> {
    if url.is_empty() {
        return Err(refused("an empty URL; is there a `,` or `;` too many?"));
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(refused(format!("a URL begins with {SCHEMES}")));
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let rest = credentials(rest, &mut options)?;
    // what is left of a password must not be taken for something that can be shown
    if query.contains('@') || scheme != "unix" && rest.contains('@') {
        return Err(refused(
            "what is no letter or digit in a user or a password is written with `%`: an `@` is `%40`",
        ));
    }
    let mut db = options.db;
    let address = match scheme {
        "redis" | "rediss" => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            if !path.is_empty() {
                let message = format!("`{path}` is no number of a database");
                db = Some(
                    path.trim_end_matches('/')
                        .parse()
                        .ok()
                        .ok_or_else(|| refused(message))?,
                );
            }
            let (host, port) = host_and_port(host, default_port)?;
            Address::Tcp { host, port }
        }
        "unix" if rest.starts_with('/') => Address::Unix(PathBuf::from(decoded(rest)?)),
        "unix" => {
            let message = "the path of a socket begins with `/`: `unix:///run/redis.sock`";
            return Err(refused(message));
        }
        other => {
            let message = format!("unknown scheme `{other}`, expected {SCHEMES}");
            return Err(refused(message));
        }
    };
    options.db = db;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        apply(&mut options, name, &decoded(value)?)?;
    }
    build(address, scheme == "rediss", &options)
}

/// The server at an address, with the credentials and times of these options.
fn build(address: Address, is_tls: bool, options: &Options) -> Result<Server> {
    let db = options.db.unwrap_or(0);
    if db < 0 {
        let message = format!("{db} is no number of a database");
        return Err(Error::setting("OPTIONS.db", message));
    }
    if options.username.is_some() && options.password.is_none() {
        let message = "a user needs a `password`";
        return Err(Error::setting("OPTIONS.username", message));
    }
    let protocol = match options.protocol {
        None | Some(2) => 2,
        Some(3) => 3,
        Some(other) => {
            let message = format!("unknown protocol {other}, expected 2 or 3");
            return Err(Error::setting("OPTIONS.protocol", message));
        }
    };
    Ok(Server {
        name: address.to_string(),
        tls: if is_tls {
            Some(crate::tls::configured(options)?)
        } else {
            None
        },
        address,
        db,
        username: options.username.clone(),
        password: options.password.clone(),
        client_name: options.client_name.clone(),
        protocol,
        socket_timeout: options.socket_timeout.duration(),
        connect_timeout: options.socket_connect_timeout.duration(),
        must_lead: false,
    })
}

/// Takes `user:password@` off the front.
fn credentials<'a>(rest: &'a str, options: &mut Options) -> Result<&'a str> {
    let end = rest.find('/').unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else {
        return Ok(rest);
    };
    let (user, password) = match rest[..at].split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (&rest[..at], None),
    };
    if !user.is_empty() {
        options.username = Some(decoded(user)?);
    }
    if let Some(password) = password {
        options.password = Some(decoded(password)?);
    }
    Ok(&rest[at + 1..])
}

fn host_and_port(text: &str, default_port: u16) -> Result<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let message = "an address in `[` needs a `]`";
            let (host, rest) = rest.split_once(']').ok_or_else(|| refused(message))?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    let port = match port {
        "" => default_port,
        port => {
            let message = format!("`{port}` is no port");
            port.parse().ok().ok_or_else(|| refused(message))?
        }
    };
    let host = if host.is_empty() {
        "localhost".to_owned()
    } else {
        decoded(host)?
    };
    Ok((host, port))
}

/// One parameter of a URL: what OPTIONS may say of one server.
fn apply(options: &mut Options, name: &str, value: &str) -> Result<()> {
    let whole = || number(name, value);
    let wait = || wait(name, value);
    let text = || Some(value.to_owned());
    match name {
        "db" => options.db = Some(whole()?),
        "protocol" => options.protocol = Some(whole()?),
        "username" => options.username = text(),
        "password" => options.password = text(),
        "client_name" => options.client_name = text(),
        "socket_timeout" => options.socket_timeout = wait()?,
        "socket_connect_timeout" => options.socket_connect_timeout = wait()?,
        "ssl_cert_reqs" => options.ssl_cert_reqs = text(),
        "ssl_ca_certs" => options.ssl_ca_certs = text(),
        "ssl_certfile" => options.ssl_certfile = text(),
        "ssl_keyfile" => options.ssl_keyfile = text(),
        "ssl_check_hostname" => options.ssl_check_hostname = Some(flag(value)),
        "max_connections"
        | "timeout"
        | "retry_on_timeout"
        | "health_check_interval"
        | "socket_keepalive" => {
            let message = format!("the parameter `{name}` belongs in `OPTIONS.{name}`");
            return Err(refused(message));
        }
        _ => return Err(refused(format!("unknown parameter `{name}` in a URL"))),
    }
    Ok(())
}

fn number(name: &str, value: &str) -> Result<i64> {
    let message = || format!("the parameter `{name}` of a URL is not a number");
    value.parse().ok().ok_or_else(|| refused(message()))
}

fn wait(name: &str, value: &str) -> Result<Wait> {
    let message = || {
        let expected = Wait::EXPECTED;
        format!("the parameter `{name}` of a URL is no time; expected {expected}")
    };
    value.parse().ok().ok_or_else(|| refused(message()))
}

/// As redis-py reads it.
fn flag(value: &str) -> bool {
    !matches!(
        value.to_ascii_uppercase().as_str(),
        "" | "0" | "F" | "FALSE" | "N" | "NO"
    )
}

fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(refused("a `%` without two hexadecimal digits"));
        };
        bytes.push((high << 4 | low) as u8);
    }
    String::from_utf8(bytes)
        .ok()
        .ok_or_else(|| refused("what is written with `%` is not UTF-8"))
}

fn refused(message: impl Into<String>) -> Error {
    Error::setting("LOCATION", message)
}

/// The longest that one operation may take.
pub(crate) fn longest(servers: &[Server]) -> Duration {
    let times = servers
        .iter()
        .map(|server| server.connect_timeout + server.socket_timeout);
    times.max().unwrap_or_default()
}

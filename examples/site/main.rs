//! A site that shows every level of caching side by side: what each part took, whether it was made anew, and a button
//! that purges it.
//!
//! `cargo run --example site`, and open the address that it prints: of a free port, or of PORT.
//! It reads `caches.toml`: edit a BACKEND, and start it again.

mod aliases;
mod levels;
mod loom;
mod overview;
mod purge;
mod site;
mod templates;

#[cfg(test)]
mod browser;

use std::{env, error::Error, net::Ipv4Addr};

use cachemere::caches;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::var("PORT").map_or(Ok(0), |port| port.parse())?;
    let configured = caches.load()?;
    for report in configured.check() {
        let _ = report.result.inspect_err(|error| eprintln!("{error}"));
    }
    let site = site::router(configured)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, site).await?;
    Ok(())
}

//! Whether a connection to a server is encrypted.

use std::path::PathBuf;
#[cfg(all(feature = "tls", feature = "postgres"))]
use std::sync::Arc;

#[cfg(all(feature = "tls", feature = "postgres"))]
use cachemere_base::ErrorKind;
use cachemere_base::{Error, Result};

#[cfg(all(feature = "tls", feature = "postgres"))]
use crate::database::fault::{After, Fault};
use crate::database::options::DatabaseOptions;

/// How a server is checked that is spoken to by TLS; without it, nothing is encrypted.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    /// The file of the certificates that are trusted, if it is not left to the system.
    #[cfg_attr(
        not(feature = "tls"),
        expect(dead_code, reason = "a URL that wants TLS is refused")
    )]
    pub(crate) ca: Option<PathBuf>,
}

/// The URL without what it says of TLS, and what is to be done.
pub(crate) fn split(url: &str, options: &DatabaseOptions) -> Result<(String, Option<Tls>)> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut rest, mut wanted, mut ca) = (Vec::new(), None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode" | "ssl-mode" | "ssl_mode", mode)) => wanted = Some(is_encrypted(mode)?),
            Some(("sslrootcert" | "ssl-ca" | "ssl_ca", path)) => ca = Some(PathBuf::from(path)),
            _ => rest.push(pair),
        }
    }
    let ca = options.tls_ca.clone().or(ca);
    let is_wanted = options.tls.or(wanted).unwrap_or(ca.is_some());
    if is_wanted && cfg!(not(feature = "tls")) {
        let message = "TLS is not compiled in; enable feature `db-tls`";
        return Err(Error::setting("TLS", message));
    }
    let url = match rest.as_slice() {
        [] => base.to_owned(),
        rest => format!("{base}?{}", rest.join("&")),
    };
    Ok((url, is_wanted.then_some(Tls { ca })))
}

fn is_encrypted(mode: &str) -> Result<bool> {
    match mode.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" => Ok(false),
        "require" | "required" | "verify-ca" | "verify-full" | "verify-identity" => Ok(true),
        _ => {
            let message = "unknown `sslmode`; expected `disable`, or `verify-full`, which encrypts and checks the \
                           certificate (`require` does the same)";
            Err(Error::setting("URL", message))
        }
    }
}

#[cfg(all(feature = "tls", feature = "postgres"))]
impl Tls {
    pub(crate) fn for_postgres(
        &self,
        place: &str,
    ) -> Result<tokio_postgres_rustls::MakeRustlsConnect, Fault> {
        use rustls::pki_types::{CertificateDer, pem::PemObject};

        let refused = |problem: String| {
            let message = format!("the certificates to trust cannot be read: {problem} ({place})");
            Fault::new(ErrorKind::Unavailable, After::Broken, message)
        };
        let certificates = match &self.ca {
            Some(path) => CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect)
                .map_err(|error| refused(format!("{}: {error}", path.display())))?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
    }
}

#[cfg(all(feature = "tls", feature = "mysql"))]
impl Tls {
    pub(crate) fn for_mysql(&self) -> mysql::SslOpts {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // The client takes the one of the process, and panics where it cannot choose between two.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        mysql::SslOpts::default().with_root_cert_path(self.ca.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> (String, bool) {
        let options = DatabaseOptions {
            tls: None,
            ..DatabaseOptions::default()
        };
        let (url, tls) = split(url, &options).unwrap();
        (url, tls.is_some())
    }

    #[test]
    fn nothing_is_encrypted_unless_it_is_asked_for() {
        assert_eq!(
            of("postgres://host/db"),
            ("postgres://host/db".into(), false)
        );
        assert!(!of("mysql://host/db?ssl-mode=DISABLED").1);
    }

    #[test]
    #[cfg(feature = "tls")]
    fn the_words_of_both_clients_ask_for_it_and_leave_the_url() {
        for word in [
            "sslmode=require",
            "sslmode=verify-full",
            "ssl-mode=VERIFY_IDENTITY",
        ] {
            let url = format!("postgres://host/db?a=b&{word}&c=d");
            assert_eq!(of(&url), ("postgres://host/db?a=b&c=d".into(), true));
        }
    }

    #[test]
    fn a_mode_that_may_fall_back_to_plain_text_is_refused() {
        let options = DatabaseOptions::default();
        assert!(split("postgres://host/db?sslmode=prefer", &options).is_err());
    }
}

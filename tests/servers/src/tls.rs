use std::{fs, path::PathBuf, process::Command};

use tempfile::TempDir;

/// What a certificate says of itself: it is for `localhost` and for no other certificates.
const CONFIG: &str = "[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = localhost
[extensions]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost
";

/// A certificate for `localhost` that nobody but itself vouches for.
#[derive(Debug)]
pub struct Certificate(TempDir);

impl Certificate {
    /// Makes one.
    ///
    /// # Panics
    /// Without openssl.
    #[must_use]
    pub fn new() -> Self {
        let certificate = Self(tempfile::tempdir().expect("a temporary folder"));
        let config = certificate.0.path().join("config");
        fs::write(&config, CONFIG).expect("a file in the folder");
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ])
            .arg("-config")
            .arg(config)
            .arg("-keyout")
            .arg(certificate.key())
            .arg("-out")
            .arg(certificate.cert())
            .output();
        let made = made.expect("openssl is needed: apt-get install openssl");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        certificate
    }

    /// The file with the certificate.
    #[must_use]
    pub fn cert(&self) -> PathBuf {
        self.0.path().join("cert.pem")
    }

    /// The file with its key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

//! `rediss://`.

#[cfg(feature = "tls")]
pub(crate) use with_rustls::{Tls, TlsStream, configured};
#[cfg(not(feature = "tls"))]
pub(crate) use without::{Tls, configured};

#[cfg(not(feature = "tls"))]
mod without {
    use cachemere_base::{Error, Result};

    use crate::options::Options;

    /// Without the feature there is nothing to configure.
    #[derive(Clone, Debug)]
    pub(crate) enum Tls {}

    pub(crate) fn configured(_: &Options) -> Result<Tls> {
        let message = "`rediss://` is not compiled in; enable feature `redis-tls`";
        Err(Error::setting("LOCATION", message))
    }
}

#[cfg(feature = "tls")]
mod with_rustls {
    use std::{
        io::{self, Read, Write},
        sync::{Arc, OnceLock},
    };

    use cachemere_base::{Error, Result};
    use rustls::{
        CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore,
        SignatureScheme, StreamOwned,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem, pem::PemObject},
    };

    use crate::{options::Options, stream::Stream};

    /// How the certificate of a server is checked, and which one it is shown.
    #[derive(Clone, Debug)]
    pub(crate) struct Tls {
        checks: Checks,
        ca_certs: Option<String>,
        own: Option<(String, String)>,
        /// Files are read at the first connection.
        config: Arc<OnceLock<Arc<ClientConfig>>>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Checks {
        All,
        AllButName,
        None,
    }

    pub(crate) fn configured(options: &Options) -> Result<Tls> {
        let checks = match options.ssl_cert_reqs.as_deref() {
            Some("none") => Checks::None,
            None | Some("required" | "optional") if options.ssl_check_hostname == Some(false) => {
                Checks::AllButName
            }
            None | Some("required" | "optional") => Checks::All,
            Some(other) => {
                let message = format!("unknown value `{other}`, expected `required` or `none`");
                return Err(Error::setting("OPTIONS.ssl_cert_reqs", message));
            }
        };
        let own = match (&options.ssl_certfile, &options.ssl_keyfile) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some((cert.clone(), key.clone())),
            (Some(_), None) => {
                return Err(Error::setting(
                    "OPTIONS.ssl_certfile",
                    "needs `ssl_keyfile`, too",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::setting(
                    "OPTIONS.ssl_keyfile",
                    "needs `ssl_certfile`, too",
                ));
            }
        };
        Ok(Tls {
            checks,
            ca_certs: options.ssl_ca_certs.clone(),
            own,
            config: Arc::default(),
        })
    }

    impl Tls {
        /// Over a blocking stream.
        pub(crate) fn over(&self, stream: Stream, host: &str) -> io::Result<TlsStream> {
            let connection = ClientConnection::new(self.config()?, name(host)?);
            let connection = connection.map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream);
            while stream.conn.is_handshaking() {
                stream.conn.complete_io(&mut stream.sock)?;
            }
            Ok(TlsStream(Box::new(stream)))
        }

        /// Over an asynchronous stream.
        pub(crate) async fn over_async(
            &self,
            stream: tokio::net::TcpStream,
            host: &str,
        ) -> io::Result<tokio_rustls::client::TlsStream<tokio::net::TcpStream>> {
            let connector = tokio_rustls::TlsConnector::from(self.config()?);
            connector.connect(name(host)?, stream).await
        }

        fn config(&self) -> io::Result<Arc<ClientConfig>> {
            if let Some(config) = self.config.get() {
                return Ok(Arc::clone(config));
            }
            let config = Arc::new(self.read()?);
            Ok(Arc::clone(self.config.get_or_init(|| config)))
        }

        fn read(&self) -> io::Result<ClientConfig> {
            let provider = Arc::new(ring::default_provider());
            let verifier = Arc::new(Verifier {
                inner: self.verifier(&provider)?,
                checks: self.checks,
                provider: Arc::clone(&provider),
            });
            let builder = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .dangerous()
                .with_custom_certificate_verifier(verifier);
            let Some((cert, key)) = &self.own else {
                return Ok(builder.with_no_client_auth());
            };
            let certs = certificates(cert)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| in_file(key, &error))?;
            builder
                .with_client_auth_cert(certs, key)
                .map_err(io::Error::other)
        }

        fn verifier(
            &self,
            provider: &Arc<CryptoProvider>,
        ) -> io::Result<Option<Arc<WebPkiServerVerifier>>> {
            if self.checks == Checks::None {
                return Ok(None);
            }
            let mut roots = RootCertStore::empty();
            match &self.ca_certs {
                Some(path) => {
                    for certificate in certificates(path)? {
                        roots.add(certificate).map_err(io::Error::other)?;
                    }
                }
                None => {
                    let found = rustls_native_certs::load_native_certs();
                    roots.add_parsable_certificates(found.certs);
                }
            }
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            let no_roots =
                |_| io::Error::other("the system trusts no certificates; give `ssl_ca_certs`");
            builder.build().map(Some).map_err(no_roots)
        }
    }

    fn certificates(path: &str) -> io::Result<Vec<CertificateDer<'static>>> {
        let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
        certificates.map_err(|error| in_file(path, &error))
    }

    fn in_file(path: &str, error: &pem::Error) -> io::Error {
        io::Error::other(format!("`{path}`: {error}"))
    }

    fn name(host: &str) -> io::Result<ServerName<'static>> {
        ServerName::try_from(host.to_owned()).map_err(io::Error::other)
    }

    /// A blocking stream with TLS over it.
    #[derive(Debug)]
    pub(crate) struct TlsStream(Box<StreamOwned<ClientConnection, Stream>>);

    impl TlsStream {
        pub(crate) fn stream(&mut self) -> &mut Stream {
            &mut self.0.sock
        }

        /// Whether the peer has neither gone nor said anything but what keeps TLS going.
        pub(crate) fn is_quiet(&mut self) -> bool {
            let StreamOwned { conn, sock } = &mut *self.0;
            let drained = sock.without_waiting(|sock| {
                loop {
                    match conn.read_tls(sock) {
                        Ok(0) => return false,
                        Ok(_) => {}
                        Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
                    }
                    let state = conn.process_new_packets();
                    let is_quiet = |state: rustls::IoState| {
                        !state.peer_has_closed() && state.plaintext_bytes_to_read() == 0
                    };
                    if !state.is_ok_and(is_quiet) {
                        return false;
                    }
                }
            });
            drained.unwrap_or(false)
        }
    }

    impl Read for TlsStream {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for TlsStream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    /// What `ssl_cert_reqs` and `ssl_check_hostname` say.
    #[derive(Debug)]
    struct Verifier {
        inner: Option<Arc<WebPkiServerVerifier>>,
        checks: Checks,
        provider: Arc<CryptoProvider>,
    }

    impl ServerCertVerifier for Verifier {
        fn verify_server_cert(
            &self,
            certificate: &CertificateDer<'_>,
            intermediates: &[CertificateDer<'_>],
            name: &ServerName<'_>,
            ocsp: &[u8],
            now: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            use rustls::Error::InvalidCertificate;
            let Some(inner) = &self.inner else {
                return Ok(ServerCertVerified::assertion());
            };
            match inner.verify_server_cert(certificate, intermediates, name, ocsp, now) {
                Err(InvalidCertificate(
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. },
                )) if self.checks == Checks::AllButName => Ok(ServerCertVerified::assertion()),
                verified => verified,
            }
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signature, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signature, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider
                .signature_verification_algorithms
                .supported_schemes()
        }
    }
}

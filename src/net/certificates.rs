//! Certificates: loaded from PEM files, issued by the office CA or by a CA on the network, checked and exchanged in one
//! place, whatever protocol serves them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use futures_rustls::rustls::crypto::CryptoProvider;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use futures_rustls::rustls::sign::CertifiedKey;
use ring::rand::SystemRandom;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::handshakes::Handshakes;
pub use super::unusable::TlsError;
use super::{file, flaws, trusted};
use crate::rules::certificates::inspect::{File, Flaw, Pair};
use crate::rules::certificates::leaf::Leaf;
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::served::{Served, Source};
use crate::rules::moment::Reading;

/// Certificates and key files are a few KiB; what is longer is something else, and is not read.
const LONGEST_FILE: usize = 64 * 1024;

/// The certificate and key that every protocol's TLS serves, exchangeable while the program runs.
#[derive(Clone)]
pub struct Certificates {
    current: Arc<Current>,
    handshakes: Arc<Handshakes>,
    files: Option<Arc<Files>>,
}

/// For whom and when a certificate is judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The appliance's name.
    pub name: &'a str,
    /// What the clock says.
    pub reading: Reading,
}

/// The files that a certificate is read from.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificates {
    /// From PEM files: the certificate first and its chain after it, and the key (PKCS #8, SEC 1 or PKCS #1).
    ///
    /// # Errors
    /// Which file, and what is wrong with it.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let provider = default_provider();
        let loaded = files.read(&provider)?;
        Ok(Self::of(loaded, provider, Some(files)))
    }

    /// From the office CA: a leaf (DER) and its key (PKCS #8). It is sent alone: the CA is what clients have.
    ///
    /// # Errors
    /// [`TlsError::Issued`], [`TlsError::NotIssued`].
    pub fn issued(leaf: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let provider = default_provider();
        let loaded = issued(leaf, key, &provider)?;
        Ok(Self::of(loaded, provider, None))
    }

    /// Serves this certificate to whoever asks for one of its names from now on: a chain (DER, the leaf first) and its
    /// key (PKCS #8), as a CA on the network issued them. Who comes by an address or another name, as phones do, gets
    /// the office CA's leaf as before. One that is not for today's name (`is_own`) is served in the same way, but
    /// [`Self::served`] tells of the office CA's leaf.
    ///
    /// # Errors
    /// As [`Self::issued`]; the certificate in use then stays in use.
    pub fn put_before(&self, chain: &[Vec<u8>], key: &[u8], is_test: bool, is_own: bool) -> Result<(), TlsError> {
        let source = Source::Acme { is_test };
        let fresh = Before {
            loaded: loaded(chain, key, source, &self.current.provider)?,
            is_own,
        };
        *self.current.before.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        Ok(())
    }

    /// Serves the office CA's leaf again.
    pub fn take_away(&self) {
        *self.current.before.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Answers handshakes that ask for nothing but [`ACME_TLS`] under that name with this certificate (DER, and its key
    /// in PKCS #8): RFC 8737 §3. All other handshakes are served as ever.
    ///
    /// # Errors
    /// [`TlsError::Issued`].
    pub fn meet_challenge(&self, name: &str, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let chain = [certificate.to_vec()];
        let key = private_key(key);
        let key = self.current.provider.key_provider.load_private_key(key);
        // Not compared with the key: its critical extension is one that nobody else knows.
        let certified = CertifiedKey::new(ders(&chain), key.map_err(TlsError::Issued)?);
        let challenge = Challenge {
            name: name.to_owned(),
            certified: Arc::new(certified),
        };
        *self.current.challenge.write().unwrap_or_else(PoisonError::into_inner) = Some(challenge);
        Ok(())
    }

    /// Such handshakes get no answer any more.
    pub fn end_challenge(&self) {
        *self.current.challenge.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn of(loaded: Loaded, provider: CryptoProvider, files: Option<Files>) -> Self {
        let current = Arc::new(Current {
            loaded: RwLock::new(loaded),
            before: RwLock::default(),
            challenge: RwLock::default(),
            unused: RwLock::default(),
            provider: Arc::new(provider),
        });
        Self {
            current,
            handshakes: Arc::default(),
            files: files.map(Arc::new),
        }
    }

    /// Serves another leaf of the office CA from now on; connections that are open are left alone.
    ///
    /// # Errors
    /// As [`Self::issued`]; the certificate in use then stays in use.
    pub fn exchange(&self, leaf: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let fresh = issued(leaf, key, &self.current.provider)?;
        *self.current.loaded.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Reads the files again, where there are any. New connections get what they hold now; those that are open are left
    /// alone. Whether it is another certificate.
    ///
    /// # Errors
    /// As [`Self::open`], and where every client would refuse what the files hold, but not what is in use: as one that
    /// is expired, or for another name. The certificate in use then stays in use, and [`Self::doubts`] tells of it.
    pub fn reload(&self, judged: Judged<'_>) -> Result<bool, TlsError> {
        let Some(files) = &self.files else { return Ok(false) };
        let outcome = self.take(files, judged);
        let unused = outcome.as_ref().err().map(ToString::to_string);
        *self.current.unused.write().unwrap_or_else(PoisonError::into_inner) = unused;
        outcome
    }

    fn take(&self, files: &Files, judged: Judged<'_>) -> Result<bool, TlsError> {
        let fresh = files.read(&self.current.provider)?;
        let mut loaded = self.current.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let is_another = loaded.certified.cert != fresh.certified.cert;
        if let Some(flaw) = fresh.fatal(judged).filter(|_| loaded.fatal(judged).is_none()) {
            return Err(TlsError::Flawed {
                certificate: files.certificate.clone(),
                key: files.key.clone(),
                flaw: Box::new(flaw),
            });
        }
        *loaded = fresh;
        Ok(is_another)
    }

    /// What browsers will not like of the files in use, and why what the files hold by now is not in use: a sentence
    /// each, without a full stop. The office CA's leaf is mended by itself.
    pub fn doubts(&self, judged: Judged<'_>) -> Vec<String> {
        let Some(files) = &self.files else { return Vec::new() };
        let loaded = self.current.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let sentence = |flaw| flaws::sentence(&flaw, &files.certificate, &files.key);
        let doubts = loaded.doubts(judged).into_iter().map(sentence);
        let unused = self.current.unused.read().unwrap_or_else(PoisonError::into_inner);
        let unused = unused
            .as_ref()
            .map(|why| format!("what the files hold by now is not used: {why}"));
        doubts.chain(unused).collect()
    }

    /// Whether the certificate in use leads to one that this machine's system knows, or to one of those `besides`
    /// (DER), for that name and on that date; where the date is not known, on the certificate's first day. Reads the
    /// system's list: blocks.
    pub fn is_known(&self, judged: Judged<'_>, besides: Vec<Vec<u8>>) -> bool {
        let (chain, from) = {
            let loaded = self.current.loaded.read().unwrap_or_else(PoisonError::into_inner);
            (loaded.certified.cert.clone(), loaded.served.validity.from)
        };
        let date = if judged.reading.known {
            judged.reading.date
        } else {
            from
        };
        trusted::is_known(&chain, judged.name, date, besides)
    }

    /// What is to be known of the certificate in use.
    pub fn served(&self) -> Served {
        let before = self.current.before.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = before.as_ref().filter(|before| before.is_own) {
            return before.loaded.served.clone();
        }
        let loaded = self.current.loaded.read().unwrap_or_else(PoisonError::into_inner);
        loaded.served.clone()
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::<Current>::clone(&self.current)
    }

    /// The handshakes that failed, at all doors.
    pub fn handshakes(&self) -> Arc<Handshakes> {
        Arc::clone(&self.handshakes)
    }

    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        Arc::clone(&self.current.provider)
    }
}

/// The protocol that a CA asks for when it makes sure of a name by a handshake (RFC 8737 §6.2).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

#[derive(Debug)]
struct Current {
    loaded: RwLock<Loaded>,
    /// What is served in its place.
    before: RwLock<Option<Before>>,
    challenge: RwLock<Option<Challenge>>,
    /// Why the files as they were last read are not in use.
    unused: RwLock<Option<String>>,
    provider: Arc<CryptoProvider>,
}

impl Loaded {
    fn doubts(&self, judged: Judged<'_>) -> Vec<Flaw> {
        match (&self.pair, DnsName::parse(judged.name)) {
            (Some(pair), Some(name)) => pair.doubts(&name, judged.reading),
            _ => Vec::new(),
        }
    }

    fn fatal(&self, judged: Judged<'_>) -> Option<Flaw> {
        let name = DnsName::parse(judged.name)?;
        self.pair.as_ref()?.fatal(&name, judged.reading)
    }

    fn names(&self, asked: &str) -> bool {
        self.served.names.iter().any(|name| name.eq_ignore_ascii_case(asked))
    }
}

/// What a CA on the network issued.
#[derive(Debug)]
struct Before {
    loaded: Loaded,
    /// Whether it is for today's name, and not for a move's old one alone.
    is_own: bool,
}

/// A CA's question that is being answered.
#[derive(Debug)]
struct Challenge {
    name: String,
    certified: Arc<CertifiedKey>,
}

/// A certificate and key as TLS uses them.
#[derive(Debug)]
struct Loaded {
    certified: Arc<CertifiedKey>,
    served: Served,
    /// Both files, as they were read.
    pair: Option<Pair>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asks_for_nothing_else = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.next() == Some(ACME_TLS) && protocols.next().is_none());
        if asks_for_nothing_else {
            let challenge = self.challenge.read().unwrap_or_else(PoisonError::into_inner);
            let met = challenge.as_ref();
            let met = met.filter(|met| {
                hello
                    .server_name()
                    .is_some_and(|name| name.eq_ignore_ascii_case(&met.name))
            });
            return met.map(|met| Arc::clone(&met.certified));
        }
        let before = self.before.read().unwrap_or_else(PoisonError::into_inner);
        let is_asked_for = |before: &&Before| hello.server_name().is_some_and(|name| before.loaded.names(name));
        if let Some(before) = before.as_ref().filter(is_asked_for) {
            return Some(Arc::clone(&before.loaded.certified));
        }
        drop(before);
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&loaded.certified))
    }
}

impl Files {
    fn read(&self, provider: &CryptoProvider) -> Result<Loaded, TlsError> {
        let bytes =
            |path: &Path| file::read(path, LONGEST_FILE).map_err(|unread| TlsError::Read(path.to_owned(), unread));
        let (chain, secret) = (bytes(&self.certificate)?, bytes(&self.key));
        // What is wrong with the certificate is said first, also where there is no key.
        let known = secret.as_ref().map_or(&[][..], |secret| secret.as_slice());
        let pair = Pair::read(&chain, known, &SystemRandom::new());
        if let (Err(Flaw::Missing { file: File::Key, .. }), Err(unread)) = (&pair, secret) {
            return Err(unread);
        }
        let pair = pair.map_err(|flaw| TlsError::Flawed {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            flaw: Box::new(flaw),
        })?;
        let chain = pair.chain.iter().cloned().map(CertificateDer::from).collect();
        let certified = CertifiedKey::from_der(chain, pair.key.clone_key(), provider)
            .map_err(|error| TlsError::Unusable(self.certificate.clone(), error))?;
        Ok(Loaded {
            certified: Arc::new(certified),
            served: Served {
                source: Source::Files,
                issuer: pair.issuer.clone(),
                names: pair.names.clone(),
                addresses: Vec::new(),
                validity: pair.validity,
            },
            pair: Some(pair),
        })
    }
}

fn issued(leaf: &[u8], key: &[u8], provider: &CryptoProvider) -> Result<Loaded, TlsError> {
    loaded(&[leaf.to_vec()], key, Source::Office, provider)
}

fn loaded(chain: &[Vec<u8>], key: &[u8], source: Source, provider: &CryptoProvider) -> Result<Loaded, TlsError> {
    let leaf = chain.first().ok_or(TlsError::NotIssued)?;
    let read = Leaf::read(leaf).ok_or(TlsError::NotIssued)?;
    Ok(Loaded {
        certified: Arc::new(certified(chain, key, provider)?),
        served: Served {
            source,
            issuer: Some(read.issuer),
            names: read.names,
            addresses: read.addresses,
            validity: read.validity,
        },
        pair: None,
    })
}

fn certified(chain: &[Vec<u8>], key: &[u8], provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    CertifiedKey::from_der(ders(chain), private_key(key), provider).map_err(TlsError::Issued)
}

fn ders(chain: &[Vec<u8>]) -> Vec<CertificateDer<'static>> {
    chain.iter().cloned().map(CertificateDer::from).collect()
}

fn private_key(key: &[u8]) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec()))
}

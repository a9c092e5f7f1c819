//! The line to the mail server. mail-send speaks SMTP on tokio: a runtime of its own lives as long as there is something to
//! send, on the thread that sends it, and no tokio type leaves this file.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use mail_send::smtp::AssertReply;
use mail_send::smtp::message::Parameters;
use mail_send::smtp::tls::build_tls_connector;
use mail_send::{Credentials, Error, SmtpClient};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::rules::certificates::pasted;
use crate::rules::id::Email;
use crate::rules::letters::relay::{Relay, Security};
use crate::rules::secret::SealKey;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(5);
/// What a letter under way still gets once there is another mail server: a server that works needs no more, and one that hangs
/// holds up nobody who mended the settings.
const LAST_CHANCE: Duration = Duration::from_secs(10);

/// How long the server is waited for.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// For a line, and for the answer to a command.
    answer: Duration,
    /// For the answer to a letter's text.
    taken: Duration,
    /// For a letter in all, with the line to the server: one that says a byte now and then is given up, too.
    letter: Duration,
    /// What is said when it is over.
    over: &'static str,
}

impl Patience {
    /// Nobody waits for the postman, and servers look a letter over before they answer (RFC 5321 §4.5.3.2: five minutes,
    /// and ten for the text).
    pub(super) const LONG: Self = Self {
        answer: Duration::from_secs(5 * 60),
        taken: Duration::from_secs(10 * 60),
        letter: Duration::from_secs(30 * 60),
        over: "the server did not answer in time",
    };
    /// Somebody waits, whom HTTP leaves after a minute.
    pub(super) const SHORT: Self = Self {
        answer: Duration::from_secs(40),
        taken: Duration::from_secs(40),
        letter: Duration::from_secs(40),
        over: "the server did not answer within 40 seconds; letters wait for it longer than this test does",
    };
}

/// A message and where it goes.
pub(super) struct Outgoing {
    pub(super) to: Email,
    pub(super) message: Vec<u8>,
}

/// The server did not take a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The server's own words, or what is wrong with the line to it.
    pub said: String,
    /// Whether the server will never take this letter (5yz to its recipient or text). A refused sign-in or sender is not
    /// lasting, nor is a complaint about how we speak: settings are mended.
    pub lasting: bool,
}

/// What is told how a letter went, by its place: what the server said when it took it, or why it did not. It says whether the
/// next one is to be sent.
pub(super) type Note<'a> = &'a mut dyn FnMut(usize, Result<String, Unsent>) -> ControlFlow<()>;

/// Which server, and how it is met.
pub(super) struct Way<'a> {
    pub(super) relay: &'a Relay,
    /// Opens the relay's password.
    pub(super) key: &'a SealKey,
    /// What the appliance is called.
    pub(super) name: &'a str,
    pub(super) patience: Patience,
}

/// Hands letters over, one after the other, and notes how each went as soon as it is known. Ends early, some seconds after
/// `stop` does. Blocks.
pub(super) fn hand_over(way: &Way<'_>, letters: &[Outgoing], stop: impl Future<Output = ()>, note: Note<'_>) {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())
    };
    match Line::to(way).and_then(|line| Ok((line, runtime()?))) {
        Ok((line, runtime)) => {
            runtime.block_on(each(&line, letters, stop, note));
            // A name that is still being looked up is waited for by nobody.
            runtime.shutdown_background();
        }
        Err(said) => all(0..letters.len(), &Unsent { said, lasting: false }, note),
    }
}

fn all(mut places: std::ops::Range<usize>, unsent: &Unsent, note: Note<'_>) {
    places.any(|place| note(place, Err(unsent.clone())).is_break());
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A server that listens.
type Client = SmtpClient<Box<dyn Stream>>;

fn boxed<S: Stream + 'static>(client: SmtpClient<S>) -> Client {
    SmtpClient {
        stream: Box::new(client.stream),
        timeout: client.timeout,
    }
}

/// What it takes to be let in at the server.
struct Line<'a> {
    relay: &'a Relay,
    name: &'a str,
    patience: Patience,
    connector: TlsConnector,
    credentials: Option<Credentials<String>>,
}

impl<'a> Line<'a> {
    fn to(way: &Way<'a>) -> Result<Self, String> {
        let connector = match (&way.relay.roots, way.relay.security) {
            // Nothing is verified there: a machine without certificates sends letters all the same.
            (_, Security::None) => trusting(RootCertStore::empty()),
            (Some(pem), _) => trusting(roots(pem)?),
            (None, _) => build_tls_connector(false).map_err(|error| {
                format!(
                    "this machine has no list of trusted certificates ({error}); give the server's own under “certificates”"
                )
            })?,
        };
        let login = way.relay.login.as_ref().map(|login| {
            let password = login
                .password(way.key)
                .ok_or("the stored password was sealed under another key; type it again")?;
            Ok::<_, &str>(Credentials::Plain {
                username: login.username.clone(),
                secret: password.to_string(),
            })
        });
        Ok(Self {
            relay: way.relay,
            name: way.name,
            patience: way.patience,
            connector,
            credentials: login.transpose()?,
        })
    }

    async fn open(&self) -> Result<Client, Error> {
        let server = self.relay.server.as_str();
        let stream = timeout(self.patience.answer, TcpStream::connect((server, self.relay.port)));
        let stream = stream.await.map_err(|_| Error::Timeout)??;
        let us = called(self.name, stream.local_addr()?.ip());
        let line = SmtpClient {
            stream,
            timeout: self.patience.answer,
        };
        let mut line = match self.relay.security {
            Security::Tls => greeted(boxed(line.into_tls(&self.connector, server).await?)).await?,
            Security::StartTls => {
                let mut line = greeted(line).await?;
                line.ehlo(&us).await?;
                let secured = line.start_tls(&self.connector, server).await;
                boxed(secured.map_err(|error| {
                    if matches!(error, Error::UnexpectedReply(_)) {
                        Error::MissingStartTls
                    } else {
                        error
                    }
                })?)
            }
            Security::None => boxed(greeted(line).await?),
        };
        let can = line.ehlo(&us).await?;
        if let Some(credentials) = &self.credentials {
            line.authenticate(credentials, &can).await?;
        }
        Ok(line)
    }

    async fn hand(&self, line: &mut Client, letter: &Outgoing) -> Result<String, (At, Error)> {
        let none = Parameters::new();
        line.timeout = self.patience.answer;
        let sent_by = line.mail_from(self.relay.sender.as_str(), &none).await;
        sent_by.map_err(|error| (At::Server, error))?;
        let received_by = line.rcpt_to(letter.to.as_str(), &none).await;
        received_by.map_err(|error| (At::Letter, error))?;
        line.timeout = self.patience.taken;
        let taken = line.data(&letter.message).await;
        taken
            .map(|reply| spoken(reply.code, reply.esc, &reply.message))
            .map_err(|error| (At::Letter, error))
    }
}

async fn greeted<S: Stream>(mut line: SmtpClient<S>) -> Result<SmtpClient<S>, Error> {
    let greeting = timeout(line.timeout, line.read()).await.map_err(|_| Error::Timeout)??;
    greeting.assert_positive_completion()?;
    Ok(line)
}

/// How we introduce ourselves: by our name where it can be one for the whole world, or else by our end of the line
/// (RFC 5321 §4.1.3, §4.1.4). Servers refuse a bare `pbx`.
fn called(name: &str, address: IpAddr) -> String {
    match address.to_canonical() {
        _ if name.contains('.') => name.to_owned(),
        IpAddr::V4(v4) => format!("[{v4}]"),
        IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
    }
}

fn roots(pem: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let given = pasted::parse(pem).map_err(|_| "the certificates cannot be read")?;
    roots.add_parsable_certificates(given.into_iter().map(CertificateDer::from));
    Ok(roots)
}

fn trusting(roots: RootCertStore) -> TlsConnector {
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// One connection for as many letters as it lasts; after a letter that was refused, the next gets a new one. A line that
/// cannot be had once is not tried again for the rest.
async fn each(line: &Line<'_>, letters: &[Outgoing], stop: impl Future<Output = ()>, note: Note<'_>) {
    let mut stopped = pin!(async {
        stop.await;
        tokio::time::sleep(LAST_CHANCE).await;
    });
    let mut open: Option<Client> = None;
    for (place, letter) in letters.iter().enumerate() {
        let sending = async {
            let mut client = match open.take() {
                Some(client) => client,
                None => line.open().await.map_err(|error| (At::Server, error))?,
            };
            let said = line.hand(&mut client, letter).await?;
            Ok((client, said))
        };
        let sent = async {
            let sent = timeout(line.patience.letter, sending).await;
            Some(sent.unwrap_or(Err((At::Server, Error::Timeout))))
        };
        let given_up = async {
            stopped.as_mut().await;
            None
        };
        match smol::future::or(sent, given_up).await {
            None => return,
            Some(Ok((client, said))) => {
                open = Some(client);
                if note(place, Ok(said)).is_break() {
                    break;
                }
            }
            Some(Err((at, error))) => {
                let unsent = unsent(&error, at, line.patience);
                if at == At::Server {
                    all(place..letters.len(), &unsent, note);
                    break;
                }
                if note(place, Err(unsent)).is_break() {
                    break;
                }
            }
        }
    }
    if let Some(client) = open {
        // It has every letter already; whether it says goodbye changes nothing.
        timeout(GOODBYE, client.quit()).await.map(drop).unwrap_or_default();
    }
}

/// What the server had before it when it said no.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Ourselves: the line, the sign-in, or the sender, which are alike for every letter.
    Server,
    /// This letter's recipient or text.
    Letter,
}

/// As the server said it: `550 5.1.1 no such user`. The enhanced code (RFC 3463) only where it gave one.
fn spoken(code: u16, enhanced: [u8; 3], message: &str) -> String {
    let [class, subject, detail] = enhanced;
    let enhanced = if class == 0 {
        String::new()
    } else {
        format!("{class}.{subject}.{detail}")
    };
    let code = code.to_string();
    let words = [code.as_str(), enhanced.as_str()]
        .into_iter()
        .filter(|word| !word.is_empty());
    words.chain(message.split_whitespace()).collect::<Vec<_>>().join(" ")
}

/// Whether a reply to a recipient or a text will be the same for ever. Not if it is about how we speak (500 to 504, x.5.x) or
/// asks for a sign-in (530 and its like, RFC 4954 §6): that is mended in the settings.
fn is_lasting(code: u16, enhanced: [u8; 3]) -> bool {
    let [_, subject, _] = enhanced;
    (505..600).contains(&code) && !matches!(code, 530 | 534 | 535 | 538) && subject != 5
}

/// What an administrator reads. The server's own words where it said any.
fn unsent(error: &Error, at: At, patience: Patience) -> Unsent {
    let said = match error {
        Error::UnexpectedReply(reply) => spoken(reply.code, reply.esc, &reply.message),
        Error::AuthenticationFailed(reply) => {
            format!("sign-in refused: {}", spoken(reply.code, reply.esc, &reply.message))
        }
        Error::UnsupportedAuthMechanism => "the server offers no way to sign in with a name and password".to_owned(),
        Error::MissingStartTls => "the server does not offer STARTTLS; choose TLS, or another port".to_owned(),
        Error::Timeout => patience.over.to_owned(),
        Error::UnparseableReply => "the server broke off, or does not speak SMTP".to_owned(),
        Error::Tls(error) => format!("TLS: {error}"),
        Error::Io(error) => error.to_string(),
        Error::Auth(_)
        | Error::Base64(_)
        | Error::InvalidTLSName
        | Error::MissingCredentials
        | Error::MissingMailFrom
        | Error::MissingRcptTo => error.to_string(),
    };
    let lasting = if let Error::UnexpectedReply(reply) = error {
        at == At::Letter && is_lasting(reply.code, reply.esc)
    } else {
        false
    };
    Unsent { said, lasting }
}

#[cfg(test)]
mod tests;

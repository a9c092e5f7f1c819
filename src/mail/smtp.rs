//! The line to the mail server. mail-send speaks SMTP on tokio: a runtime of its own lives as long as there is
//! something to send, on the thread that sends it, and no tokio type leaves this file.

mod reply;
mod trust;

use std::io;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use mail_send::smtp::AssertReply;
use mail_send::smtp::message::Parameters;
use mail_send::{Credentials, Error, SmtpClient};
use smtp_proto::EhloResponse;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

pub use self::reply::Unsent;
use self::reply::{At, Trouble, spoken, unsent};
use crate::rules::id::Email;
use crate::rules::letters::relay::{Relay, Security};
use crate::rules::secret::SealKey;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(5);
/// What a letter under way still gets once there is another mail server: a server that works needs no more, and one
/// that hangs holds up nobody who mended the settings.
const LAST_CHANCE: Duration = Duration::from_secs(10);
/// How long a server may keep silent before it is tried whether it waits for TLS. Postfix's postscreen greets after six
/// seconds and dislikes callers who speak first.
const SILENCE: Duration = Duration::from_secs(7);

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
    /// Nobody waits for the postman, and servers look a letter over before they answer (RFC 5321 §4.5.3.2: five
    /// minutes, and ten for the text).
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

/// What is told how a letter went, by its place: what the server said when it took it, or why it did not. It says
/// whether the next one is to be sent.
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

/// Hands letters over, one after the other, and notes how each went as soon as it is known. Ends early, some seconds
/// after `stop` does. Blocks.
pub(super) fn hand_over(way: &Way<'_>, letters: &[Outgoing], stop: impl Future<Output = ()>, note: Note<'_>) {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())
    };
    match Login::to(way).and_then(|line| Ok((line, runtime()?))) {
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

/// A server that lets us in.
struct Open {
    client: Client,
    /// Whether it takes addresses in other than ASCII letters (RFC 6531).
    utf8: bool,
}

fn boxed<S: Stream + 'static>(client: SmtpClient<S>) -> Client {
    SmtpClient {
        stream: Box::new(client.stream),
        timeout: client.timeout,
    }
}

/// What it takes to be let in at the server.
struct Login<'a> {
    relay: &'a Relay,
    name: &'a str,
    patience: Patience,
    connector: TlsConnector,
    credentials: Option<Credentials<String>>,
}

impl<'a> Login<'a> {
    fn to(way: &Way<'a>) -> Result<Self, String> {
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
            connector: trust::connector(way.relay)?,
            credentials: login.transpose()?,
        })
    }

    async fn open(&self) -> Result<Open, Trouble> {
        let server = self.relay.server.as_str();
        let line = self.dialled().await?;
        let us = called(self.name, line.stream.local_addr().map_err(Error::Io)?.ip());
        let mut client = match self.relay.security {
            Security::Tls => {
                let secured = line.into_tls(&self.connector, server).await;
                greeted(boxed(secured.map_err(in_handshake)?)).await?
            }
            Security::StartTls => {
                let mut line = self.greeted_in_the_clear(line).await?;
                let is_offered = line.ehlo(&us).await?.has_capability(smtp_proto::EXT_START_TLS);
                let secured = line.start_tls(&self.connector, server).await;
                boxed(secured.map_err(|error| {
                    if let Error::UnexpectedReply(reply) = error {
                        return Trouble::NoStartTls { reply, is_offered };
                    }
                    in_handshake(error)
                })?)
            }
            Security::None => boxed(self.greeted_in_the_clear(line).await?),
        };
        let Some(can) = self.introduced(&mut client, &us).await? else {
            return Ok(Open { client, utf8: false });
        };
        if let Some(credentials) = &self.credentials {
            client.authenticate(credentials, &can).await?;
        }
        let utf8 = can.has_capability(smtp_proto::EXT_SMTP_UTF8);
        Ok(Open { client, utf8 })
    }

    async fn dialled(&self) -> Result<SmtpClient<TcpStream>, Trouble> {
        let dialling = async {
            let address = (self.relay.server.as_str(), self.relay.port);
            let found = lookup_host(address).await.map_err(Trouble::NotFound)?;
            let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
            for address in found {
                match TcpStream::connect(address).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last = error,
                }
            }
            Err(Trouble::Mail(Error::Io(last)))
        };
        let stream = timeout(self.patience.answer, dialling);
        Ok(SmtpClient {
            stream: stream.await.map_err(|_| Trouble::Mail(Error::Timeout))??,
            timeout: self.patience.answer,
        })
    }

    /// Waits for a greeting. A server that says nothing may be waiting for TLS: after [`SILENCE`] that is found out on
    /// a line of its own, while this one waits on.
    async fn greeted_in_the_clear(&self, line: SmtpClient<TcpStream>) -> Result<SmtpClient<TcpStream>, Trouble> {
        let mut greeting = pin!(greeted(line));
        if let Ok(greeted) = timeout(SILENCE, greeting.as_mut()).await {
            return Ok(greeted?);
        }
        let probing = async {
            if self.begins_with_tls().await {
                return Err(Trouble::BeginsWithTls);
            }
            std::future::pending().await
        };
        smol::future::or(async { Ok(greeting.await?) }, probing).await
    }

    /// Whether the server answers to TLS before anything else is said, by whatever certificate.
    async fn begins_with_tls(&self) -> bool {
        let secured = async {
            let line = self.dialled().await?;
            Ok::<_, Trouble>(line.into_tls(&self.connector, &self.relay.server).await?)
        };
        match timeout(SILENCE, secured).await {
            Ok(Ok(_)) => true,
            Ok(Err(Trouble::Mail(Error::Tls(error)))) => !trust::is_in_the_clear(&error),
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Says who we are, and learns what the server can do. `None`: it knows HELO alone (RFC 5321 §3.2), which does
    /// where neither TLS nor a sign-in follows.
    async fn introduced(&self, client: &mut Client, us: &str) -> Result<Option<EhloResponse<String>>, Error> {
        match client.ehlo(us).await {
            Err(Error::UnexpectedReply(reply))
                if (500..600).contains(&reply.code)
                    && self.credentials.is_none()
                    && self.relay.security != Security::StartTls =>
            {
                client
                    .cmd(format!("HELO {us}\r\n"))
                    .await?
                    .assert_positive_completion()?;
                Ok(None)
            }
            said => Ok(Some(said?)),
        }
    }

    async fn hand(&self, line: &mut Open, letter: &Outgoing) -> Result<String, (At, Trouble)> {
        let (sender, to) = (&self.relay.sender, &letter.to);
        let mut how = Parameters::new();
        if sender.needs_utf8() || to.needs_utf8() {
            if !line.utf8 {
                let at = if sender.needs_utf8() { At::Server } else { At::Letter };
                return Err((at, Trouble::NoUtf8));
            }
            // RFC 6531 §3.4, §3.6.
            how.add("SMTPUTF8").add(("BODY", "8BITMIME"));
        }
        let client = &mut line.client;
        client.timeout = self.patience.answer;
        let sent_by = client.mail_from(&sender.on_the_wire(), &how).await;
        sent_by.map_err(|error| (At::Server, error.into()))?;
        let received_by = client.rcpt_to(&to.on_the_wire(), &Parameters::new()).await;
        received_by.map_err(|error| (At::Letter, error.into()))?;
        client.timeout = self.patience.taken;
        let taken = client.data(&letter.message).await;
        taken
            .map(|reply| spoken(reply.code, reply.esc, &reply.message))
            .map_err(|error| (At::Letter, error.into()))
    }
}

/// What came of a handshake that failed.
fn in_handshake(error: Error) -> Trouble {
    use io::ErrorKind::{ConnectionReset, UnexpectedEof};
    let Error::Io(error) = error else {
        return Trouble::Mail(error);
    };
    if [ConnectionReset, UnexpectedEof].contains(&error.kind()) {
        Trouble::HungUp(error)
    } else {
        Trouble::Mail(Error::Io(error))
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

/// One connection for as many letters as it lasts; after a letter that was refused, the next gets a new one. A line
/// that cannot be had once is not tried again for the rest.
async fn each(line: &Login<'_>, letters: &[Outgoing], stop: impl Future<Output = ()>, note: Note<'_>) {
    let mut stopped = pin!(async {
        stop.await;
        tokio::time::sleep(LAST_CHANCE).await;
    });
    let mut open: Option<Open> = None;
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
            Some(sent.unwrap_or(Err((At::Server, Error::Timeout.into()))))
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
                let unsent = unsent(&error, at, line.relay, line.patience.over);
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
    if let Some(Open { client, .. }) = open {
        // It has every letter already; whether it says goodbye changes nothing.
        timeout(GOODBYE, client.quit()).await.map(drop).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests;

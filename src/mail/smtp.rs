//! The line to the mail server. mail-send speaks SMTP on tokio: a runtime of its own lives as long as there is something to
//! send, on the thread that sends it, and no tokio type leaves this file.

use std::sync::Arc;
use std::time::Duration;

use mail_send::smtp::message::Parameters;
use mail_send::smtp::tls::build_tls_connector;
use mail_send::{Credentials, Error, SmtpClient, SmtpClientBuilder};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::rules::certificates;
use crate::rules::id::Email;
use crate::rules::people::relay::{Relay, Security};
use crate::rules::secret::SealKey;

/// How long one answer of the server may take.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a letter may take in all: a server that says a byte now and then is given up, too.
const LETTER: Duration = Duration::from_secs(90);

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
    /// lasting: settings are mended.
    pub lasting: bool,
}

/// Hands letters over, one after the other, and notes how each went as soon as it is known, by its place: what the server
/// said when it took it, or why it did not. Blocks.
pub(super) fn hand_over(
    relay: &Relay,
    key: &SealKey,
    letters: &[Outgoing],
    note: &mut dyn FnMut(usize, Result<String, Unsent>),
) {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())
    };
    match builder(relay, key).and_then(|client| Ok((client, runtime()?))) {
        Ok((client, runtime)) => runtime.block_on(async {
            if relay.security == Security::None {
                each(|| client.connect_plain(), &relay.sender, letters, note).await;
            } else {
                each(|| client.connect(), &relay.sender, letters, note).await;
            }
        }),
        Err(said) => {
            let unsent = Unsent { said, lasting: false };
            (0..letters.len()).for_each(|place| note(place, Err(unsent.clone())));
        }
    }
}

fn builder(relay: &Relay, key: &SealKey) -> Result<SmtpClientBuilder<String>, String> {
    let connector = match &relay.roots {
        Some(pem) => trusting(pem)?,
        None => build_tls_connector(false).map_err(|error| {
            format!(
                "this machine has no list of trusted certificates ({error}); give the server's own under “certificates”"
            )
        })?,
    };
    let mut client = SmtpClientBuilder::new_with_tls_connector(relay.server.clone(), relay.port, connector)
        .implicit_tls(relay.security == Security::Tls)
        .timeout(ANSWER);
    if relay.server.contains(':') {
        client.addr = format!("[{}]:{}", relay.server, relay.port);
    }
    if let Some(login) = &relay.login {
        let password = login
            .password(key)
            .ok_or("the stored password was sealed under another key; type it again")?;
        client = client.credentials(Credentials::Plain {
            username: login.username.clone(),
            secret: password.to_string(),
        });
    }
    Ok(client)
}

fn trusting(pem: &str) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let given = certificates::parse(pem).map_err(|_| "the certificates cannot be read")?;
    roots.add_parsable_certificates(given.into_iter().map(CertificateDer::from));
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// One connection for as many letters as it lasts; after a letter that was refused, the next gets a new one. A line that
/// cannot be had once is not tried again for the rest.
async fn each<S, Connecting>(
    connect: impl Fn() -> Connecting,
    sender: &Email,
    letters: &[Outgoing],
    note: &mut dyn FnMut(usize, Result<String, Unsent>),
) where
    S: AsyncRead + AsyncWrite + Unpin,
    Connecting: Future<Output = Result<SmtpClient<S>, Error>>,
{
    let mut open: Option<SmtpClient<S>> = None;
    for (place, letter) in letters.iter().enumerate() {
        let sending = async {
            let mut client = match open.take() {
                Some(client) => client,
                None => connect().await.map_err(|error| (At::Server, error))?,
            };
            let said = one(&mut client, sender, letter).await?;
            Ok((client, said))
        };
        match tokio::time::timeout(LETTER, sending)
            .await
            .unwrap_or(Err((At::Server, Error::Timeout)))
        {
            Ok((client, said)) => {
                open = Some(client);
                note(place, Ok(said));
            }
            Err((at, error)) => {
                let unsent = unsent(&error, at);
                note(place, Err(unsent.clone()));
                if at == At::Server {
                    (place + 1..letters.len()).for_each(|place| note(place, Err(unsent.clone())));
                    break;
                }
            }
        }
    }
    if let Some(client) = open {
        // It has every letter already; whether it says goodbye changes nothing.
        tokio::time::timeout(ANSWER, client.quit())
            .await
            .map(drop)
            .unwrap_or_default();
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

async fn one<S: AsyncRead + AsyncWrite + Unpin>(
    client: &mut SmtpClient<S>,
    sender: &Email,
    letter: &Outgoing,
) -> Result<String, (At, Error)> {
    let none = Parameters::new();
    let sent_by = client.mail_from(sender.as_str(), &none).await;
    sent_by.map_err(|error| (At::Server, error))?;
    let received_by = client.rcpt_to(letter.to.as_str(), &none).await;
    received_by.map_err(|error| (At::Letter, error))?;
    let taken = client.data(&letter.message).await;
    taken
        .map(|reply| reply.to_string())
        .map_err(|error| (At::Letter, error))
}

/// What an administrator reads. The server's own words where it said any.
fn unsent(error: &Error, at: At) -> Unsent {
    let (said, code) = match error {
        Error::UnexpectedReply(reply) => (reply.to_string(), reply.code),
        Error::AuthenticationFailed(reply) => (format!("sign-in refused: {reply}"), 0),
        Error::UnsupportedAuthMechanism => (
            "the server offers no way to sign in with a name and password".to_owned(),
            0,
        ),
        Error::MissingStartTls => (
            "the server does not offer STARTTLS; choose TLS, or another port".to_owned(),
            0,
        ),
        Error::Timeout => ("the server did not answer in time".to_owned(), 0),
        Error::UnparseableReply => ("the server broke off, or does not speak SMTP".to_owned(), 0),
        Error::Tls(error) => (format!("TLS: {error}"), 0),
        Error::Io(error) => (error.to_string(), 0),
        Error::Auth(_)
        | Error::Base64(_)
        | Error::InvalidTLSName
        | Error::MissingCredentials
        | Error::MissingMailFrom
        | Error::MissingRcptTo => (error.to_string(), 0),
    };
    Unsent {
        said,
        // 530 and its like ask for a sign-in (RFC 4954 §6), which is mended in the settings.
        lasting: at == At::Letter && (500..600).contains(&code) && !matches!(code, 530 | 534 | 535 | 538),
    }
}

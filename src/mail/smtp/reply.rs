//! What became of a letter, in words, and whether trying again could help.

use std::io::{self, ErrorKind};

use mail_send::Error;
use smtp_proto::Response;

use super::trust;
use crate::rules::letters::relay::Relay;

/// The server did not take a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The server's own words, or what is wrong with the line to it.
    pub said: String,
    /// Whether the server will never take this letter as things are set. Other settings try it anew.
    pub lasting: bool,
}

/// What the server had before it when it said no.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Ourselves: the line, the sign-in, or the sender, which are alike for every letter.
    Server,
    /// This letter's recipient or text.
    Letter,
}

/// Why a letter did not go.
pub(super) enum Trouble {
    /// The server waits for TLS, and we for its greeting.
    BeginsWithTls,
    /// The server ended the connection in the middle of the TLS handshake.
    HungUp(io::Error),
    /// What `mail-send` came upon.
    Mail(Error),
    /// The server did not begin TLS when it was asked to, but said this.
    NoStartTls {
        reply: Response<String>,
        /// Whether it had offered it.
        is_offered: bool,
    },
    /// The server's name is not found.
    NotFound(io::Error),
    /// An address has other than ASCII letters before the `@`, and the server does not offer SMTPUTF8.
    NoUtf8,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Mail(error)
    }
}

/// As the server said it: `550 5.1.1 no such user`. The enhanced code (RFC 3463) only where it gave one.
pub(super) fn spoken(code: u16, enhanced: [u8; 3], message: &str) -> String {
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
    // What moves a terminal's cursor or ends a line is none of the server's words.
    let said = message.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let said = said.filter(|word| !word.is_empty());
    words.chain(said).collect::<Vec<_>>().join(" ")
}

/// Whether a reply will be the same for ever: 5yz (RFC 5321 §4.2.1). What to do is told by the reply code alone, not by
/// what follows it (§4.2): `450 5.7.1 greylisted` is tried again. An enhanced code (RFC 3463) that agrees with it says
/// more; one that contradicts it says nothing. Not lasting is what is about how we speak (x.5.x, or 500 to 504 without
/// such a code), nor if the server only asks for a sign-in or for TLS first (530
/// and 538, RFC 4954 §6, RFC 3207 §4): it has not looked at the letter yet.
fn is_lasting(code: u16, enhanced: [u8; 3]) -> bool {
    let [class, subject, _] = enhanced;
    let never = match class {
        5 => (500..600).contains(&code) && subject != 5,
        _ => (505..600).contains(&code),
    };
    never && !matches!(code, 530 | 538)
}

/// What the system says of the connection, and what to do.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the standard library has some forty kinds"
)]
fn of_line(error: &io::Error, relay: &Relay) -> String {
    let Relay { server, port, .. } = relay;
    // With TLS 1.3 a server that does not like us says so when the handshake is over.
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return trust::words(error, relay);
    }
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("nobody listens at {server} on port {port}; check the port, and whether the mail server runs")
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            format!("there is no way to {server}; check the network and the name")
        }
        ErrorKind::TimedOut => format!("{server} does not answer on port {port}; check the port and firewalls"),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => "the server broke off the connection; look into its log".to_owned(),
        _ => return error.to_string(),
    };
    format!("{words} ({error})")
}

/// What an administrator reads: the server's own words where it said any. `over` is said when time is over.
pub(super) fn unsent(trouble: &Trouble, at: At, relay: &Relay, over: &str) -> Unsent {
    let error = match trouble {
        Trouble::BeginsWithTls => {
            return Unsent {
                said: "the server expects TLS from the first moment on this port; choose TLS as security".to_owned(),
                lasting: false,
            };
        }
        Trouble::NoUtf8 => {
            let whose = if at == At::Letter { "this address" } else { "the sender" };
            return Unsent {
                said: format!(
                    "{whose} has letters beyond a to z before the @, and the mail server does not take such addresses \
                     (it offers no SMTPUTF8); use another address, or another server"
                ),
                lasting: true,
            };
        }
        Trouble::NoStartTls { reply, is_offered } => {
            let words = spoken(reply.code, reply.esc, &reply.message);
            let said = match (is_offered, reply.code) {
                (false, _) => format!("the server does not offer STARTTLS ({words}); choose TLS, or another port"),
                (true, 400..500) => format!(
                    "the server offers STARTTLS, but cannot begin it at the moment ({words}); if that lasts, mend its \
                     certificate and key, or choose TLS and the port for it, often 465"
                ),
                (true, _) => format!(
                    "the server offers STARTTLS, but refuses it ({words}); choose TLS and the port for it, often 465, \
                     or mend the server"
                ),
            };
            return Unsent { said, lasting: false };
        }
        Trouble::HungUp(error) => {
            let said = format!(
                "TLS: the server hung up in the middle of the handshake ({error}); often it knows old versions of TLS \
                 alone (1.0, 1.1), or no cipher that both know: let it offer TLS 1.2 or TLS 1.3, and look into its log"
            );
            return Unsent { said, lasting: false };
        }
        Trouble::NotFound(error) => {
            let said = format!("the server {} is not found ({error}); check the name", relay.server);
            return Unsent { said, lasting: false };
        }
        Trouble::Mail(error) => error,
    };
    let said = match error {
        Error::UnexpectedReply(reply) => {
            let said = spoken(reply.code, reply.esc, &reply.message);
            match reply.code {
                530 if said.to_ascii_uppercase().contains("STARTTLS") => format!("{said}; choose STARTTLS as security"),
                530 if relay.login.is_none() => {
                    format!("{said}; the server wants a sign-in: set a user name and password")
                }
                550..=554 if relay.login.is_none() && said.to_ascii_lowercase().contains("relay") => format!(
                    "{said}; set a user name and password, or let the mail server take e-mail from this machine's \
                     address"
                ),
                _ => said,
            }
        }
        Error::AuthenticationFailed(reply) => {
            format!("sign-in refused: {}", spoken(reply.code, reply.esc, &reply.message))
        }
        Error::UnsupportedAuthMechanism => "the server offers no way to sign in with a name and password".to_owned(),
        Error::MissingStartTls => "the server does not offer STARTTLS; choose TLS, or another port".to_owned(),
        Error::Timeout => over.to_owned(),
        Error::UnparseableReply => format!(
            "what answers at {} on port {} broke off, or is no mail server that takes e-mail (SMTP); check the name, \
             and the port: 587 goes with STARTTLS, 465 with TLS, 25 with none",
            relay.server, relay.port
        ),
        Error::Tls(error) => trust::words(error, relay),
        Error::Io(error) => of_line(error, relay),
        Error::Auth(_)
        | Error::Base64(_)
        | Error::InvalidTLSName
        | Error::MissingCredentials
        | Error::MissingMailFrom
        | Error::MissingRcptTo => error.to_string(),
    };
    let lasting = match error {
        Error::UnexpectedReply(reply) | Error::AuthenticationFailed(reply) => is_lasting(reply.code, reply.esc),
        Error::Auth(_)
        | Error::Base64(_)
        | Error::InvalidTLSName
        | Error::Io(_)
        | Error::MissingCredentials
        | Error::MissingMailFrom
        | Error::MissingRcptTo
        | Error::MissingStartTls
        | Error::Timeout
        | Error::Tls(_)
        | Error::UnparseableReply
        | Error::UnsupportedAuthMechanism => false,
    };
    Unsent { said, lasting }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::id::Email;
    use crate::rules::letters::relay::Security;

    #[test]
    fn a_reply_reads_as_the_server_said_it() {
        assert_eq!(
            spoken(250, [2, 0, 0], "taken as number 4711"),
            "250 2.0.0 taken as number 4711"
        );
        assert_eq!(spoken(250, [0, 0, 0], "OK"), "250 OK");
        assert_eq!(
            spoken(451, [4, 3, 2], "come back\n later,\r\nplease"),
            "451 4.3.2 come back later, please"
        );
        assert_eq!(spoken(550, [0, 0, 0], ""), "550");
        assert_eq!(spoken(550, [0, 0, 0], "no\0 \u{1b}[31mpe\u{9b}0m"), "550 no [31mpe 0m");
    }

    #[test]
    fn what_has_to_be_set_is_said_behind_the_servers_words() {
        let relay = Relay {
            server: "mail.example.org".to_owned(),
            port: 993,
            security: Security::None,
            login: None,
            sender: Email::parse("office@example.org").unwrap(),
            roots: None,
        };
        let said = |error| unsent(&Trouble::Mail(error), At::Letter, &relay, "").said;
        let reply = |code, esc, message: &str| {
            Error::UnexpectedReply(Response {
                code,
                esc,
                message: message.to_owned(),
            })
        };
        for (error, advice) in [
            (
                reply(530, [5, 7, 57], "Client not authenticated"),
                "user name and password",
            ),
            (reply(530, [5, 7, 0], "Must issue STARTTLS first"), "choose STARTTLS"),
            (
                reply(554, [5, 7, 1], "<mira@example.org>: Relay access denied"),
                "this machine's address",
            ),
            (Error::UnparseableReply, "on port 993"),
        ] {
            let said = said(error);
            assert!(said.contains(advice), "{said}");
        }
        assert_eq!(said(reply(550, [5, 1, 1], "no such user")), "550 5.1.1 no such user");
    }

    #[test]
    fn a_no_for_ever_is_told_from_a_no_for_now() {
        for (code, enhanced) in [
            (550, [5, 1, 1]),
            (554, [5, 7, 1]),
            (552, [0, 0, 0]),
            (556, [5, 1, 10]),
            (501, [5, 1, 3]),
            (535, [5, 7, 8]),
            (550, [4, 2, 1]),
            (552, [4, 2, 2]),
        ] {
            assert!(is_lasting(code, enhanced), "{code}");
        }
        for (code, enhanced) in [
            (500, [0, 0, 0]),
            (504, [5, 5, 2]),
            (550, [5, 5, 0]),
            (530, [5, 7, 0]),
            (538, [5, 7, 11]),
            (450, [5, 7, 1]),
            (450, [5, 1, 1]),
            (421, [5, 3, 2]),
            (503, [4, 1, 1]),
            (451, [4, 3, 2]),
            (450, [0, 0, 0]),
            (454, [4, 7, 0]),
            (421, [0, 0, 0]),
        ] {
            assert!(!is_lasting(code, enhanced), "{code}");
        }
    }
}

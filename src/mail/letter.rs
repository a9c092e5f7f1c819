//! The words of each letter, as plain text and as HTML that fetches nothing.

use mail_send::mail_builder::MessageBuilder;
use mail_send::mail_builder::headers::address::Address;
use mail_send::mail_builder::headers::raw::Raw;

use crate::rules::id::Email;
use crate::rules::moment::{Moment, UnixTime};
use crate::rules::people::letter::Content;

/// A letter in words.
pub(super) struct Words {
    subject: String,
    /// Paragraphs of plain text; a link or code stands alone in one.
    paragraphs: Vec<Paragraph>,
}

enum Paragraph {
    Code(String),
    Link { says: &'static str, to: String },
    Text(String),
}

use Paragraph::{Code, Link, Text};

/// What a letter says. `origin` is where the appliance lives.
pub(super) fn words(content: &Content, origin: &str) -> Words {
    let (subject, paragraphs) = match content {
        Content::Invite { name, token, until } => (
            "Your sign-in to the telephone system".to_owned(),
            vec![
                Text(format!("Hello {name},")),
                Text(format!("you can sign in to the office's telephone system now. This link works once, until {}:", date(*until))),
                link("Sign in", origin, token),
                Text("After that you make a passkey, and need neither link nor password again.".to_owned()),
            ],
        ),
        Content::Reset { name, token, until, code } => {
            let mut paragraphs = vec![
                Text(format!("Hello {name},")),
                Text(format!("somebody, most likely you, asked for a link to sign in. It works once, until {}:", date(*until))),
                link("Sign in", origin, token),
            ];
            if let Some(code) = code {
                paragraphs.push(Text("Reading this on another device? Type this code in the browser that asked:".to_owned()));
                paragraphs.push(Code(code.clone()));
            }
            paragraphs.push(Text("If it was not you, do nothing: without this letter nobody gets in. Never tell anybody the code.".to_owned()));
            ("Your link to sign in".to_owned(), paragraphs)
        }
        Content::PasskeyAdded { name, passkey, at, address } => (
            "A new passkey was added to your account".to_owned(),
            vec![
                Text(format!("Hello {name},")),
                Text(format!("the passkey “{passkey}” was added to your account on {}{}.", date(*at), from(*address))),
                Text("If it was not you, delete it on this page and tell your administrator at once:".to_owned()),
                page("My sign-in", origin),
            ],
        ),
        Content::PasskeyDeleted { name, passkey, at, address } => (
            "Your passkey was deleted".to_owned(),
            vec![
                Text(format!("Hello {name},")),
                Text(format!("the passkey “{passkey}” was deleted from your account on {}{}. It does not sign you in any more.", date(*at), from(*address))),
                Text("If neither you nor your administrator did this, tell your administrator at once. Your passkeys:".to_owned()),
                page("My sign-in", origin),
            ],
        ),
        Content::LockedOut { name, username, at, address } => (
            format!("Somebody is guessing the password of {username}"),
            vec![
                Text(format!("Hello {name},")),
                Text(format!("so many sign-ins of “{username}” by password went wrong that the next one has to wait 15 minutes; the last came on {} from {address}.", date(*at))),
                Text("Passkeys go on working. If nobody in the office mistyped, take the password away from this account:".to_owned()),
                Link { says: "People", to: format!("{origin}/people") },
            ],
        ),
    };
    Words { subject, paragraphs }
}

/// The words of the letter that tries out the mail server.
pub(super) fn test(origin: &str) -> Words {
    Words {
        subject: "Linekey can send letters".to_owned(),
        paragraphs: vec![
            Text(
                "This is the test letter that an administrator asked for. The mail server took it, and here it is."
                    .to_owned(),
            ),
            Link {
                says: "Linekey",
                to: origin.to_owned(),
            },
        ],
    }
}

fn link(says: &'static str, origin: &str, token: &str) -> Paragraph {
    Link {
        says,
        to: format!("{origin}/join#{token}"),
    }
}

fn page(says: &'static str, origin: &str) -> Paragraph {
    Link {
        says,
        to: format!("{origin}/me"),
    }
}

fn from(address: Option<std::net::IpAddr>) -> String {
    address.map(|address| format!(" from {address}")).unwrap_or_default()
}

/// `23 November 2026, 08:00 UTC`: the appliance does not know where its people live.
fn date(at: UnixTime) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month, day) = at.civil();
    let month = MONTHS.get(month - 1).copied().unwrap_or_default();
    let (hour, minute) = (at.0 / 3600 % 24, at.0 / 60 % 60);
    format!("{day} {month} {year}, {hour:02}:{minute:02} UTC")
}

impl Words {
    /// The whole message (RFC 5322), with what keeps it out of spam folders and out of auto-responders' way (RFC 3834 §5).
    pub(super) fn message(&self, sender: &Email, to: &Email, moment: &mut Moment) -> std::io::Result<Vec<u8>> {
        let domain = sender.as_str().rsplit('@').next().unwrap_or("localhost");
        let number: [u8; 16] = moment.fresh.bytes();
        let id = format!("{}@{domain}", data_encoding::HEXLOWER.encode(&number));
        MessageBuilder::new()
            .from(Address::new_address(Some("Linekey"), sender.as_str()))
            .to(Address::new_address(None::<&str>, to.as_str()))
            .subject(self.subject.as_str())
            .date(i64::try_from(moment.now.0).unwrap_or(i64::MAX))
            .message_id(id)
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .text_body(self.text())
            .html_body(self.html())
            .write_to_vec()
    }

    fn text(&self) -> String {
        let paragraphs = self.paragraphs.iter().map(|paragraph| match paragraph {
            Code(code) => format!("    {code}"),
            Link { to, .. } => to.clone(),
            Text(text) => text.clone(),
        });
        paragraphs.collect::<Vec<_>>().join("\r\n\r\n") + "\r\n"
    }

    fn html(&self) -> String {
        let mut html =
            String::from("<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;line-height:1.5\">");
        for paragraph in &self.paragraphs {
            html.push_str(&match paragraph {
                Code(code) => format!(
                    "<p style=\"font-size:1.6em;letter-spacing:.1em\"><b>{}</b></p>",
                    escaped(code)
                ),
                Link { says, to } => format!("<p><a href=\"{0}\">{says}</a><br><small>{0}</small></p>", escaped(to)),
                Text(text) => format!("<p>{}</p>", escaped(text)),
            });
        }
        html + "</body></html>"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(UnixTime(0)), "1 January 1970, 00:00 UTC");
        assert_eq!(date(UnixTime(951_782_400)), "29 February 2000, 00:00 UTC");
        assert_eq!(date(UnixTime(1_795_420_800)), "23 November 2026, 08:00 UTC");
        assert_eq!(date(UnixTime(4_107_542_399)), "28 February 2100, 23:59 UTC");
    }

    #[test]
    fn a_name_cannot_write_html() {
        let content = Content::Invite {
            name: "<b>&\"".to_owned(),
            token: "t".to_owned(),
            until: UnixTime(0),
        };
        let words = words(&content, "https://pbx.example.org");
        assert!(words.html().contains("Hello &lt;b&gt;&amp;&quot;,"));
        assert!(words.text().contains("https://pbx.example.org/join#t\r\n"));
    }
}

//! Letters, as plain text and as HTML that fetches nothing.

use std::net::IpAddr;

use mail_send::mail_builder::MessageBuilder;
use mail_send::mail_builder::headers::address::Address;
use mail_send::mail_builder::headers::raw::Raw;

use super::words::{self, Texts, fill};
use crate::rules::id::Email;
use crate::rules::letters::language::Language;
use crate::rules::letters::letter::Content;
use crate::rules::moment::Moment;
use crate::rules::time::Date;

/// A letter in words.
pub(super) struct Words {
    language: Language,
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

/// What a letter says in that language. `origin` is where the appliance lives.
pub(super) fn words(content: &Content, language: Language, origin: &str) -> Words {
    let texts = words::of(language);
    let said = |text: &str, places: &[(&str, &str)]| Text(fill(text, places));
    let hello = |name: &str| said(texts.hello, &[("name", name)]);
    let page = |says, path: &str| Link {
        says,
        to: format!("{origin}{path}"),
    };
    let (subject, paragraphs) = match content {
        Content::Invite { name, token, until } => (
            texts.invite_subject.to_owned(),
            vec![
                hello(name),
                said(texts.invite, &[("until", &texts.date(*until))]),
                page(texts.sign_in, &format!("/join#{token}")),
                said(texts.invite_after, &[]),
            ],
        ),
        Content::Reset {
            name,
            token,
            until,
            code,
        } => {
            let mut paragraphs = vec![
                hello(name),
                said(texts.reset, &[("until", &texts.date(*until))]),
                page(texts.sign_in, &format!("/join#{token}")),
            ];
            if let Some(code) = code {
                paragraphs.extend([said(texts.reset_code, &[]), Code(code.clone())]);
            }
            paragraphs.push(said(texts.reset_warning, &[]));
            (texts.reset_subject.to_owned(), paragraphs)
        }
        Content::PasskeyAdded {
            name,
            passkey,
            at,
            address,
        } => (
            texts.added_subject.to_owned(),
            vec![
                hello(name),
                news(texts, (texts.added, texts.added_from), passkey, *at, *address),
                said(texts.added_advice, &[]),
                page(texts.my_page, "/me"),
            ],
        ),
        Content::PasskeyDeleted {
            name,
            passkey,
            at,
            address,
        } => (
            texts.deleted_subject.to_owned(),
            vec![
                hello(name),
                news(texts, (texts.deleted, texts.deleted_from), passkey, *at, *address),
                said(texts.deleted_advice, &[]),
                page(texts.my_page, "/me"),
            ],
        ),
        Content::LockedOut {
            name,
            username,
            at,
            address,
        } => {
            let (at, address) = (texts.date(*at), address.to_string());
            let places = [("username", username.as_str()), ("at", &at), ("address", &address)];
            (
                fill(texts.guessed_subject, &places),
                vec![
                    hello(name),
                    said(texts.guessed, &places),
                    said(texts.guessed_advice, &[]),
                    page(texts.people_page, "/people"),
                ],
            )
        }
    };
    Words {
        language,
        subject,
        paragraphs,
    }
}

/// The words of the letter that tries out the mail server.
pub(super) fn test(language: Language, origin: &str) -> Words {
    let texts = words::of(language);
    Words {
        language,
        subject: texts.test_subject.to_owned(),
        paragraphs: vec![
            Text(texts.test.to_owned()),
            Link {
                says: "Linekey",
                to: origin.to_owned(),
            },
        ],
    }
}

/// What happened to a passkey: the first text, or the second one where it is known from which address.
fn news(
    texts: &Texts,
    (plain, with_address): (&str, &str),
    passkey: &str,
    at: Date,
    address: Option<IpAddr>,
) -> Paragraph {
    let (at, from) = (texts.date(at), address.map(|address| address.to_string()));
    let text = if from.is_some() { with_address } else { plain };
    let from = from.unwrap_or_default();
    Text(fill(text, &[("passkey", passkey), ("at", &at), ("address", &from)]))
}

impl Words {
    /// The whole message (RFC 5322), with what keeps it out of spam folders and out of auto-responders' way (RFC 3834
    /// §5).
    pub(super) fn message(&self, sender: &Email, to: &Email, moment: &mut Moment) -> std::io::Result<Vec<u8>> {
        let (sender, to) = (sender.on_the_wire(), to.on_the_wire());
        let domain = sender.rsplit('@').next().unwrap_or("localhost");
        let number: [u8; 16] = moment.fresh.bytes();
        let id = format!("{}@{domain}", data_encoding::HEXLOWER.encode(&number));
        MessageBuilder::new()
            .from(Address::new_address(Some("Linekey"), sender.as_str()))
            .to(Address::new_address(None::<&str>, to.as_str()))
            .subject(self.subject.as_str())
            .date(i64::try_from(moment.now.0).unwrap_or(i64::MAX))
            .message_id(id)
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .header("Content-Language", Raw::new(self.language.tag()))
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
        let mut html = format!(
            "<!doctype html><html lang=\"{}\"><body style=\"font-family:sans-serif;line-height:1.5\">",
            self.language.tag()
        );
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
    fn a_name_cannot_write_html() {
        let content = Content::Invite {
            name: "<b>&\"".to_owned(),
            token: "t".to_owned(),
            until: Date(0),
        };
        let words = words(&content, Language::English, "https://pbx.example.org");
        assert!(words.html().contains("Hello &lt;b&gt;&amp;&quot;,"));
        assert!(words.text().contains("https://pbx.example.org/join#t\r\n"));
    }
}

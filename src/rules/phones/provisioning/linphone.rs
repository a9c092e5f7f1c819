//! Linphone's remote provisioning (liblinphone `xml2lpc.c`): one fetch that sets an app up, then is forgotten.
//!
//! `transient_provisioning` 1 makes the app forget the URL after success; with 0 it would fetch at every start. All
//! `auth_info_N` sections of the app are wiped first, `proxy_N` are not: account 0 is written, and replaces what was
//! there.

use super::handout::{Media, Transport};
use super::make::Answer;
use super::xml;
use crate::rules::phones::device::Algorithm;

/// All that an app is told.
#[derive(Clone, Copy, Debug)]
pub struct App<'a> {
    /// The user part of the person's address: `201`.
    pub extension: &'a str,
    /// Shown to those who are called.
    pub name: &'a str,
    /// The device's digest user name.
    pub username: &'a str,
    /// The digest realm, and the domain of addresses.
    pub domain: &'a str,
    /// H(username ":" realm ":" secret) in lower-case hexadecimal (RFC 7616 §3.4.2): the secret itself never reaches
    /// the app.
    pub ha1: &'a str,
    /// Of that hash.
    pub algorithm: Algorithm,
    /// A name or an address that the app reaches the registrar by.
    pub host: &'a str,
    /// The transport to use.
    pub transport: Transport,
    /// The port of that transport.
    pub port: u16,
    /// How long a registration is asked for, in seconds.
    pub expires: u32,
    /// Whether media is encrypted.
    pub media: Media,
    /// The number that voice mail is heard at; empty where there is none.
    pub voice_mail: &'a str,
}

/// Plain sentences for the page.
pub const NEEDS: &[&str] = &[
    "Linphone knows public certificates only, and not those that were added to the mobile: with the office's own \
     CA the code does not work, and its settings are typed by hand, over TCP or UDP.",
    "It rings only while it runs and is registered: nothing here wakes an app that the mobile has put to sleep.",
    "The code holds the address alone. It works once.",
];

/// The file behind the code.
pub fn write(app: &App<'_>) -> Answer {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                   <config xmlns=\"http://www.linphone.org/xsds/lpconfig.xsd\">\n"
        .to_owned();
    section(&mut out, "misc", &[("transient_provisioning", "1")]);
    let (encryption, mandatory) = match app.media {
        Media::Plain => ("none", "0"),
        Media::Encrypted => ("srtp", "1"),
    };
    section(
        &mut out,
        "sip",
        &[
            ("default_proxy", "0"),
            ("verify_server_certs", "1"),
            ("media_encryption", encryption),
            ("media_encryption_mandatory", mandatory),
        ],
    );
    let algorithm = match app.algorithm {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha256 => "SHA-256",
    };
    section(
        &mut out,
        "auth_info_0",
        &[
            ("username", app.extension),
            ("userid", app.username),
            ("ha1", app.ha1),
            ("realm", app.domain),
            ("domain", app.domain),
            ("algorithm", algorithm),
        ],
    );
    section(
        &mut out,
        "proxy_0",
        &proxy(app).each_ref().map(|(name, value)| (*name, value.as_str())),
    );
    out.push_str("</config>\n");
    Answer::xml(out)
}

fn proxy(app: &App<'_>) -> [(&'static str, String); 6] {
    let transport = match app.transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    };
    let server = format!("sip:{}:{};transport={transport}", app.host, app.port);
    let voice_mail = match app.voice_mail {
        "" => String::new(),
        number => format!("sip:{number}@{}", app.domain),
    };
    [
        ("reg_proxy", format!("<{server}>")),
        ("reg_route", format!("<{server};lr>")),
        (
            "reg_identity",
            format!("{} <sip:{}@{}>", quoted(app.name), app.extension, app.domain),
        ),
        ("reg_expires", app.expires.to_string()),
        ("reg_sendregister", "1".to_owned()),
        ("voicemail_uri", voice_mail),
    ]
}

/// A display name as RFC 3261 §25.1 writes it: in quotes, with a backslash before quotes and backslashes.
fn quoted(name: &str) -> String {
    let mut out = String::from('"');
    for c in name.chars().filter(|c| !xml::cannot(*c)) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// `overwrite` counts on entries alone.
fn section(out: &mut String, name: &str, entries: &[(&str, &str)]) {
    out.push_str(&format!("<section name=\"{name}\">\n"));
    for (entry, value) in entries {
        xml::element(out, "entry", &format!(" name=\"{entry}\" overwrite=\"true\""), value);
    }
    out.push_str("</section>\n");
}

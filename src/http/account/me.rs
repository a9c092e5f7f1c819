//! One's own account.

use serde::Serialize;

use super::api::ApiJson;
use super::passwords::may_set_password;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::people::account::AccountKind;
use crate::rules::people::session::By;

#[derive(Serialize)]
struct Me<'a> {
    id: String,
    kind: &'static str,
    username: &'a str,
    name: &'a str,
    extension: Option<&'a str>,
    email: Option<&'a str>,
    has_password: bool,
    may_set_password: bool,
    passkeys: usize,
    /// Whether a link or code can be mailed: there are a mail server and an address.
    mailable: bool,
    rights: &'static [&'static str],
    /// What programs may do in one's name; `None` where they may not.
    api: Option<ApiJson>,
    session: SessionOfMe,
}

#[derive(Serialize)]
struct SessionOfMe {
    id: String,
    opened: u64,
    expires: u64,
    proof_until: u64,
    public_computer: bool,
    by: By,
}

/// Who is signed in, and what they may do.
pub async fn show(call: Call) -> Answer {
    let (office, signed_in) = (call.office(), call.signed_in()?);
    let (account, session) = (&signed_in.account, &signed_in.session);
    let (passkeys, settings, reach, mail) = office.store.read(|facts| {
        let passkeys = facts.passkeys_of(account.id)?.len();
        let mail = facts.relay()?.is_some();
        Ok((passkeys, facts.settings()?, facts.access(account.id)?, mail))
    })?;
    let (kind, extension, rights): (_, _, &[&str]) = match &account.kind {
        AccountKind::Person(extension) => ("person", Some(extension.as_str()), &[]),
        AccountKind::Administrator(_) => (
            "administrator",
            None,
            &["people", "administrators", "phones", "journal", "settings"],
        ),
    };
    Ok(reply::json(&Me {
        id: data_encoding::BASE64URL_NOPAD.encode(&account.handle.0),
        kind,
        username: account.username(),
        name: account.name.as_str(),
        extension,
        email: account.email.as_ref().map(|email| email.as_str()),
        has_password: account.password.is_some(),
        may_set_password: may_set_password(account, &settings),
        passkeys,
        mailable: mail && account.email.is_some(),
        rights,
        api: ApiJson::of(office, account.id, &reach),
        session: SessionOfMe {
            id: session.hash.public_id(),
            opened: session.opened.0,
            expires: session.until.0,
            proof_until: session.proof_until().0,
            public_computer: session.public_computer,
            by: session.by,
        },
    }))
}

//! The welcome page: the office CA for everybody, with the steps to install it. It is served in the clear and under any
//! name, because whoever needs it cannot come in otherwise. Nothing here is secret and nothing changes anything.

pub mod acme;
pub mod moved;
pub mod system;

use system::System;

use crate::http::edge::message::{Request, Response, StatusCode};
use crate::http::front::assets;
use crate::http::front::call::Call;
use crate::http::front::reply::Answer;
use crate::office::Office;
use crate::office::trust::AuthorityFile;
use crate::rules::certificates::profile;
use crate::rules::refusal::Refusal;

/// The page's path.
pub const PATH: &str = "/trust";
/// What leads off the page: the files of the CA, by their names below it.
const FILES: &str = "/trust/";

/// Whether a path is open to whoever comes by whatever name, in the clear too: the page, the CA's files, and what the
/// page is made of.
pub fn is_open(office: &Office, path: &str) -> bool {
    let is_part = path.starts_with("/a/") || path == "/favicon.ico";
    (path == PATH || path.starts_with(FILES) || is_part) && is_there(office)
}

/// Whether there is a welcome page: HTTPS is served here, whoever made the certificate. Behind a proxy that ends TLS
/// the name is the proxy's to explain.
fn is_there(office: &Office) -> bool {
    office.trust.authority.is_some() || office.trust.served().is_some()
}

/// Whether the welcome page stands in the place of a page: that was asked for in the clear, where browsers make no
/// passkeys, or under a name that passkeys are not bound to.
pub fn is_instead(office: &Office, is_secure: bool, is_right: bool) -> bool {
    if is_right {
        return office.trust.is_private() && !is_local(office) && !is_secure;
    }
    is_there(office) && !is_local(office)
}

/// Whether a visit in the clear or by another name gets the page, and is not sent to HTTPS under the right one. By
/// another name always: the right one may not be found from there, which the page finds out; it leads on where it is.
/// By the right one where browsers may not trust the certificate.
pub fn is_for_strays(office: &Office, is_right: bool) -> bool {
    if is_right {
        return office.trust.is_private() || (office.trust.authority.is_some() && office.trust.withheld().is_some());
    }
    office.trust.is_private() || (is_there(office) && !is_local(office))
}

fn is_local(office: &Office) -> bool {
    office.site.name.as_str() == "localhost"
}

/// The page at its own path.
pub async fn show(call: Call) -> Answer {
    page(call.office(), &call.request)
}

/// The page, in the place of whatever was asked for. Never a redirect: whether the right name works from where the
/// browser is, only the browser knows, and the page finds it out.
pub fn page(office: &Office, request: &Request) -> Answer {
    if !is_there(office) {
        return Err(Refusal::NotFound.into());
    }
    let page = assets::page("trust").ok_or(Refusal::NotFound)?;
    let mut text = String::from_utf8_lossy(page.raw).into_owned();
    // Where browsers know the certificate in use, the CA is for phones: shown to whoever asks for the page itself.
    let is_wanted = office.trust.is_private() || request.path == PATH;
    let authority = office.trust.authority.as_ref().filter(|_| is_wanted);
    let fingerprint = authority.map(|authority| profile::fingerprint(&profile::digest(&authority.certificate)));
    let thumbprint = authority.map(|authority| profile::thumbprint(&authority.certificate));
    let (with_authority, without) = if authority.is_some() {
        ("", "hidden")
    } else {
        ("hidden", "")
    };
    let plain = office
        .site
        .party
        .origins
        .iter()
        .find(|origin| origin.starts_with("http:"));
    let (origin, name) = (office.site.origin.as_str(), office.site.name.as_str());
    let withheld = office.trust.withheld();
    let unknown = if office.moment().known { "hidden" } else { "" };
    for (mark, value) in [
        ("[[name]]", name),
        ("[[origin]]", origin),
        ("[[plain]]", plain.map_or("", String::as_str)),
        ("[[with-authority]]", with_authority),
        ("[[without]]", without),
        (
            "[[authority]]",
            authority.map_or("", |authority| &authority.common_name),
        ),
        ("[[fingerprint]]", fingerprint.as_deref().unwrap_or_default()),
        ("[[thumbprint]]", thumbprint.as_deref().unwrap_or_default()),
        ("[[undated]]", unknown),
        ("[[withheld]]", if withheld.is_some() { "" } else { "hidden" }),
        (
            "[[resolver]]",
            &withheld.map_or_else(String::new, |withheld| withheld.by.to_string()),
        ),
        (
            "[[address]]",
            &withheld.map_or_else(String::new, |withheld| withheld.address.to_string()),
        ),
    ] {
        text = text.replace(mark, value);
    }
    let system = System::of(request.field("user-agent").unwrap_or_default());
    if let Some(id) = system.id() {
        let closed = format!("id=\"{id}\"");
        text = text.replace(&closed, &format!("{closed} open"));
    }
    let mut response = Response::new(StatusCode::OK).with_body(text);
    response.set_field("content-type", "text/html; charset=utf-8");
    response.set_field("vary", "User-Agent");
    // It asks the right name whether this browser gets there, in TLS and in the clear.
    let connect = format!("connect-src 'self' {origin} {}; ", plain.map_or("", String::as_str));
    response.set_field(
        "content-security-policy",
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; {connect}\
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    );
    Ok(response)
}

/// The CA as DER: exactly one certificate, in the form that every system's installer takes.
pub async fn der(call: Call) -> Answer {
    let authority = authority(call.office())?;
    Ok(file(
        authority.certificate.clone(),
        profile::CERTIFICATE,
        Some("linekey.crt"),
    ))
}

/// The same as PEM, for programs and phones that read text.
pub async fn pem(call: Call) -> Answer {
    let authority = authority(call.office())?;
    let pem = profile::pem(&authority.certificate).into_bytes();
    Ok(file(pem, profile::CERTIFICATE, Some("linekey.pem")))
}

/// The same as an Apple configuration profile. As no attachment: Safari on iOS takes it from the page.
pub async fn mobileconfig(call: Call) -> Answer {
    let authority = authority(call.office())?;
    let profile = profile::mobileconfig(&authority.certificate, &authority.common_name);
    Ok(file(profile.into_bytes(), profile::MOBILECONFIG, None))
}

fn authority(office: &Office) -> Result<&AuthorityFile, Refusal> {
    office.trust.authority.as_ref().ok_or(Refusal::NotFound)
}

fn file(bytes: Vec<u8>, kind: &str, attached: Option<&str>) -> Response {
    let mut response = Response::new(StatusCode::OK).with_body(bytes);
    response.set_field("content-type", kind);
    if let Some(name) = attached {
        response.set_field("content-disposition", format!("attachment; filename=\"{name}\""));
    }
    response
}

//! The devices as `pjsip_wizard.conf` of Asterisk (res_pjsip_config_wizard), for an office whose PBX is another.

use std::fmt::Write;

use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::reply::Answer;
use crate::rules::id::DisplayName;
use crate::rules::phones::device::{Algorithm, Device};
use crate::rules::phones::digest;
use crate::rules::phones::roster;
use crate::rules::secret::SealKey;
use crate::rules::verdict::Verdict;

/// What stands before the sections.
const HEAD: &str = "\
; The devices of Linekey, for Asterisk 13 or later with res_pjsip_config_wizard. Include it from pjsip_wizard.conf:
;   #include linekey/pjsip_wizard.conf
; md5_cred stands for a device's secret in this realm. Keep this file as you would keep the secrets.
; Calls from these devices begin in the context [linekey]: write it into extensions.conf.
";

/// All devices. Their secrets are not in it, but what stands for them in one realm (HA1, RFC 7616 §3.4.2); the journal
/// tells of it as of a secret that was shown. For a device with SHA-256 it holds MD5 too: Asterisk before 22 asks for
/// nothing else, and whoever knows SHA-256 knows MD5 (RFC 8760 §2.1).
pub async fn export(call: Call) -> Answer {
    let (office, here) = (call.office(), call.office().clone());
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let devices = facts.devices()?;
        let realm = here.site.name.as_str();
        let mut text = HEAD.to_owned();
        for device in &devices {
            let owner = device.owner().map_or(Ok(None), |id| facts.account(id))?;
            let caller = owner.map(|owner| (owner.username().to_owned(), owner.name));
            text.push_str(&section(device, caller, realm, &here.key));
        }
        let changes = roster::export(&devices).into_iter().map(Into::into);
        Ok(Verdict::yes(text, changes.collect()))
    });
    let text = turn.await??;
    let mut response = Response::new(StatusCode::OK).with_body(text);
    response.set_field("content-type", "text/plain; charset=utf-8");
    response.set_field("content-disposition", "attachment; filename=\"pjsip_wizard.conf\"");
    Ok(response)
}

/// One device's section; `caller` is the number and name that it calls with. A device whose secret does not open gets
/// none, but a line that says so.
fn section(device: &Device, caller: Option<(String, DisplayName)>, realm: &str, key: &SealKey) -> String {
    let username = device.username.as_str();
    let label = plain(device.label.as_str());
    let Some(secrets) = device.secrets(key) else {
        return format!("\n; {username} ({label}): left out, its secret was sealed under another key.\n");
    };
    let ha1 = digest::ha1(Algorithm::Md5, username, realm, &secrets.sip);
    let mut lines = format!("\n; {label}\n[{username}]\n");
    let mut line = |name: &str, value: &str| {
        // Writing into a String cannot fail.
        if writeln!(lines, "{name} = {value}").is_err() {
            unreachable!("a String takes all")
        }
    };
    line("type", "wizard");
    line("accepts_auth", "yes");
    line("accepts_registrations", "yes");
    line("sends_auth", "no");
    line("sends_registrations", "no");
    line("inbound_auth/auth_type", "md5");
    line("inbound_auth/username", username);
    line("inbound_auth/realm", realm);
    line("inbound_auth/md5_cred", &ha1);
    line("endpoint/context", "linekey");
    line("endpoint/disallow", "all");
    line("endpoint/allow", "opus,g722,alaw,ulaw");
    line("endpoint/direct_media", "no");
    if let Some((extension, name)) = caller {
        line(
            "endpoint/callerid",
            &format!("\"{}\" <{extension}>", plain(name.as_str())),
        );
    }
    line("aor/max_contacts", "2");
    lines
}

/// Without the characters that mean something to Asterisk's reader of files: `;` begins a remark, `\` escapes, and a
/// quotation mark would end the name.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if matches!(c, ';' | '\\' | '"') || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}

//! The leaf of the SIP port under the office's own CA, renewed while a phone is connected by it.

use std::process::Command;

use crate::house::wait_for;
use crate::line::{DOMAIN, Line, has};
use crate::phone::{Over, Phone};
use crate::program::Folder;

/// What Debian's `faketime` preloads.
const FAKETIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// What OpenSSL finds at the SIP port: the leaf's serial number, and whether it is the office CA's and for the name.
fn leaf(line: &Line, authority: &str) -> String {
    let script = format!(
        "openssl s_client -connect 127.0.0.1:{} -servername {DOMAIN} -CAfile {authority} -verify_hostname {DOMAIN} \
         -no_check_time </dev/null 2>/dev/null | tee /dev/stderr | openssl x509 -noout -serial",
        line.sips
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Verification: OK"), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_renewed_leaf_meets_new_handshakes_and_a_connected_phone_goes_on() {
    if !has("openssl") || !has("faketime") || !has("baresip") {
        return;
    }
    let folder = Folder::new();
    let clock = folder.file("clock", "+0d");
    let (mut line, _) = Line::under_own_authority_with(&[
        ("LD_PRELOAD", FAKETIME),
        ("FAKETIME_TIMESTAMP_FILE", &clock),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]);
    let mut visitor = line.house.visitor();
    let port = line.house.program.port();
    let pem = crate::house::ask(port, &mut visitor, "GET", "/trust/linekey.pem", serde_json::Value::Null);
    let authority = folder.file("ca.pem", &pem.expect(200).body);
    let (called, calling) = (line.device("101"), line.device("102"));
    let mut phone = Phone::registered(&line, &called, Over::Tls);
    let mut caller = Phone::registered(&line, &calling, Over::Udp);
    let before = leaf(&line, &authority);
    let id = line.house.program.id();
    // Two thirds of its life are over.
    std::fs::write(&clock, "+266d").unwrap();
    wait_for("another leaf", || (leaf(&line, &authority) != before).then_some(()));
    caller.call("101");
    phone.wait("CALL_INCOMING");
    assert_eq!(line.house.program.id(), id, "the same program");
    // A phone that comes now is registered with the new leaf.
    let late = Phone::registered(&line, &called, Over::Tls);
    drop((late, phone, caller));
}

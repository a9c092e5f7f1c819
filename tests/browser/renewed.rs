//! A page that is open while the office CA's leaf is exchanged goes on (T04).

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::appliance::sign_in_by_password;
use super::office_ca::Secure;
use super::wait::within;

/// From 1900, where time servers count from, to 1970 (RFC 5905 §6).
const BEFORE_1970: u64 = 2_208_988_800;

/// Serial number of the leaf that is served now.
fn serial(appliance: &Secure) -> String {
    let place = appliance.origin.rsplit(':').next().unwrap();
    let shown =
        format!("openssl s_client -connect 127.0.0.1:{place} </dev/null 2>/dev/null | openssl x509 -noout -serial");
    let output = Command::new("sh").args(["-c", &shown]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Answers whoever asks for the time from now on.
fn answer(server: UdpSocket) {
    std::thread::spawn(move || {
        let mut question = [0; 100];
        while let Ok((48, who)) = server.recv_from(&mut question) {
            let mut answer = [0; 48];
            (answer[0], answer[1]) = (0x24, 2);
            answer[24..32].copy_from_slice(&question[40..48]);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let seconds = u32::try_from(now + BEFORE_1970).unwrap();
            answer[40..44].copy_from_slice(&seconds.to_be_bytes());
            server.send_to(&answer, who).unwrap();
        }
    });
}

/// T04. The first leaf is of a date that was not known; a time server's answer brings the next one.
#[test]
fn a_page_that_is_open_while_the_leaf_is_exchanged_goes_on_to_the_passkey() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let place = server.local_addr().unwrap().to_string();
    let appliance = Secure::with("linekey.test", &["--clock", "none", "--time-server", &place]);
    appliance.import();
    let browser = appliance.browser();
    browser.go(&appliance.origin);
    browser.run("window.stayed = true");
    let before = serial(&appliance);
    assert!(before.starts_with("serial="), "{before}");
    answer(server);
    // It is looked for every 20 seconds.
    within(Duration::from_secs(60), "another leaf", || serial(&appliance) != before);
    assert_eq!(browser.run("return window.stayed"), true);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
}

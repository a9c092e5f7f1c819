//! Chromium's local network access: from outside the local network no page may ask into it without a right. The welcome
//! page then says what is not known, and leads on once it may ask. DESIGN.md has what else was tried.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};

use serde_json::json;

use super::driver::Browser;
use super::office_ca::Secure;

/// Another port of loopback that leads to that one, until the test ends.
fn relay(to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let pass = |mut from: TcpStream, mut to: TcpStream| {
        std::thread::spawn(move || {
            copy(&mut from, &mut to).ok();
            to.shutdown(Shutdown::Write).ok();
        });
    };
    std::thread::spawn(move || {
        for visitor in listener.incoming().flatten() {
            let Ok(door) = TcpStream::connect(("127.0.0.1", to)) else {
                continue;
            };
            pass(visitor.try_clone().unwrap(), door.try_clone().unwrap());
            pass(door, visitor);
        }
    });
    port
}

/// A browser with the CA imported, to which the plain door at that port is one of the internet, and the name leads to
/// this machine: that is what an address of the internet, or a name that leads there, is to a browser.
fn outside(appliance: &Secure, port: u16) -> Browser {
    appliance.import();
    let (home, rules) = appliance.at_usual_ports();
    let rules = format!("{rules}, MAP 203.0.113.5 127.0.0.1");
    let public = format!("--ip-address-space-overrides=127.0.0.1:{port}=public");
    Browser::open_at(home, &[&rules, &public])
}

fn told(browser: &Browser, words: &str) -> String {
    browser.until(words, || {
        let told = browser.text("#tell");
        told.contains(words).then_some(told)
    })
}

/// In the clear Chromium asks nobody: the question fails, for every name.
#[test]
fn a_page_at_an_address_of_the_internet_that_may_not_ask_says_so_and_shows_the_way() {
    let appliance = Secure::start();
    let port = relay(appliance.plain_port());
    let browser = outside(&appliance, port);
    let url = format!("http://203.0.113.5:{port}/trust");
    browser.go(&url);
    let said = told(&browser, "does not let a page at this address ask on the local network");
    assert!(said.starts_with("Either linekey.test is not found"), "{said}");
    assert_eq!(browser.text("#line"), "203.0.113.5 linekey.test");
    browser.click("#go a");
    browser.until("sign-in", || browser.url().starts_with(&appliance.origin).then_some(()));
    browser.text("#sign-in-passkey");
}

/// Where the page is one that browsers think safe, they ask the person: `localhost` is such a name.
#[test]
fn a_person_who_denies_access_to_the_local_network_is_told_and_whoever_allows_it_later_is_led_on() {
    let appliance = Secure::start();
    let port = relay(appliance.plain_port());
    let browser = outside(&appliance, port);
    let may = |setting: &str| {
        for right in ["local-network-access", "local-network", "loopback-network"] {
            let setting = json!({ "permission": { "name": right }, "setting": setting });
            browser.devtools("Browser.setPermission", &setting);
        }
    };
    may("denied");
    browser.go(&format!("http://localhost:{port}/trust"));
    let said = told(&browser, "does not let this page ask on the local network");
    assert!(
        said.contains("not known here whether linekey.test is found and trusted"),
        "{said}"
    );
    assert_eq!(browser.count("#go:not([hidden])"), 1);
    may("granted");
    told(&browser, "This browser trusts the appliance.");
    assert_eq!(browser.count("#lost[hidden]"), 1);
}

/// The rest of the local network asks nobody for a right: what was found is told as ever.
#[test]
fn a_page_at_a_local_address_needs_no_right_even_where_all_are_denied() {
    let appliance = Secure::start();
    let port = relay(appliance.plain_port());
    appliance.import();
    let (home, rules) = appliance.at_usual_ports();
    let rules = format!("{rules}, MAP 192.168.1.2 127.0.0.1");
    let local = format!("--ip-address-space-overrides=127.0.0.1:{port}=local");
    let browser = Browser::open_at(home, &[&rules, &local]);
    browser.go(&format!("http://192.168.1.2:{port}/trust"));
    let denied = "return (await navigator.permissions.query({ name: 'local-network' })).state";
    assert_eq!(browser.run(denied), "denied", "in the clear it always is");
    told(&browser, "This browser trusts the appliance.");
}

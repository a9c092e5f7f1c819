//! Debian's Firefox with an own store of certificates: it knows the office CA where that was imported, and no switch
//! lets it overlook a certificate.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::appliance::{fresh_folder, sign_in_by_password};
use super::driver::Browser;
use super::office_ca::Secure;
use crate::left_out::left_out;

/// The driver; none, and a word about it, where it or Firefox is not here.
fn driver() -> Option<PathBuf> {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/geckodriver");
    if !driver.is_file() {
        left_out("geckodriver is not there; .ci/crate geckodriver makes it");
        return None;
    }
    if Command::new("firefox-esr").arg("--version").output().is_err() {
        left_out("Debian's firefox-esr is not installed");
        return None;
    }
    Some(driver)
}

/// A new window with that profile, for which the appliance's name is this machine.
fn open(driver: &Path, profile: PathBuf) -> Browser {
    let mut driver = Command::new(driver)
        .args(["--port", "0"])
        .env("HOME", &profile)
        .env("MOZ_HEADLESS", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.by_ref().find_map(|line| {
        let line = line.unwrap();
        line.split_once("Listening on 127.0.0.1:")?.1.trim().parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    let capabilities = json!({
        "browserName": "firefox",
        "acceptInsecureCerts": false,
        "moz:firefoxOptions": {
            "binary": "/usr/bin/firefox-esr",
            "args": ["-headless", "-profile", profile],
            "prefs": {
                "network.dns.localDomains": "linekey.test",
                "security.webauth.webauthn_enable_softtoken": true,
                "security.webauth.webauthn_enable_usbtoken": false,
            },
        },
    });
    Browser::over(
        driver,
        port.expect("geckodriver names its port"),
        profile,
        &capabilities,
    )
}

#[test]
fn with_the_office_ca_imported_it_makes_and_uses_a_passkey_without_a_warning() {
    let Some(driver) = driver() else {
        return;
    };
    let appliance = Secure::start();
    let profile = fresh_folder("firefox");
    appliance.import_into(&profile);
    let browser = open(&driver, profile);
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    // A page that was left by its script is shown before that of the next one runs.
    browser.until("the page's script", || {
        let bound = browser.run("return document.querySelector('nav [aria-current]') !== null");
        (bound == true).then_some(())
    });
    browser.click("#sign-out");
    browser.arrives_at("/");
    browser.click("#sign-in-passkey");
    browser.arrives_at("/home");
}

/// A visit in the clear finds out whether the name works in this browser, and leads on; one without the CA stays, and
/// is shown the steps for Firefox.
#[test]
fn the_welcome_page_leads_on_with_the_office_ca_and_shows_its_steps_without() {
    let Some(driver) = driver() else {
        return;
    };
    let appliance = Secure::start();
    let stranger = open(&driver, fresh_folder("firefox"));
    stranger.go(&appliance.in_the_clear("linekey.test"));
    stranger.until("the verdict", || {
        let told = stranger.text("#tell");
        told.starts_with("This browser does not trust").then_some(())
    });
    assert_eq!(stranger.count("#for-firefox[open]"), 1);
    drop(stranger);
    let profile = fresh_folder("firefox");
    appliance.import_into(&profile);
    let browser = open(&driver, profile);
    for host in ["127.0.0.1", "linekey.test"] {
        browser.go(&appliance.in_the_clear(host));
        browser.until("the right name", || {
            (browser.url() == format!("{}/", appliance.origin)).then_some(())
        });
        browser.text("#sign-in-passkey");
    }
}

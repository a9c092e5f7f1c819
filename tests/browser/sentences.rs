//! What goes wrong has a sentence of its own, each time.

use serde_json::json;

use super::appliance::Appliance;
use super::driver::Browser;

#[test]
fn a_prompt_that_is_not_answered_is_told_apart_from_a_device_that_cannot() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    browser.verifies(&authenticator, false);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.click("#sign-in-passkey");
    browser.is_told("cancelled");
    browser.remove_authenticator(&authenticator);
    browser.add_authenticator_with(&json!({
        "protocol": "ctap1/u2f", "transport": "usb", "hasResidentKey": false,
        "hasUserVerification": false, "isUserConsenting": true,
    }));
    browser.click("#sign-in-passkey");
    browser.is_told("no-authenticator");
}

#[test]
fn a_device_that_has_a_passkey_already_is_told_so() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/me"));
    browser.click("#make-passkey");
    browser.is_told("already-registered");
}

#[test]
fn a_passkey_that_was_deleted_says_so() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    // A password keeps the way in open, so that the passkey can go; the device is not told.
    browser.go(&appliance.page("/me"));
    browser.write("#set-password [name=password]", "four green herons by noon");
    browser.click("#set-password button");
    browser.is_told("password-set");
    browser.run("PublicKeyCredential.signalAllAcceptedCredentials = undefined");
    browser.click("[data-passkey] [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("passkey-deleted");
    assert_eq!(
        browser.passkeys_on(&authenticator).len(),
        1,
        "the device still offers it"
    );
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.click("#sign-in-passkey");
    browser.is_told("unknown-passkey");
    // And now the device knows (Signal API).
    browser.until("the device to forget it", || {
        browser.passkeys_on(&authenticator).is_empty().then_some(())
    });
}

#[test]
fn a_wrong_name_in_the_address_bar_leads_to_the_right_one() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.page("/").replace("localhost", "127.0.0.1"));
    browser.until("the right name", || {
        browser.url().starts_with(&appliance.origin).then_some(())
    });
}

#[test]
fn pages_say_what_is_missing_without_script_support_or_a_secure_address() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    // What a browser without passkeys, or one on a plain address of the LAN, would show.
    for (lacks, code) in [
        ("delete window.PublicKeyCredential", "no-passkeys"),
        (
            "Object.defineProperty(window, 'isSecureContext', { value: false })",
            "insecure",
        ),
    ] {
        browser.on_every_page(lacks);
        browser.go(&appliance.origin);
        browser.is_told(code);
    }
}

#[test]
fn an_address_of_nothing_has_a_page() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.page("/nowhere"));
    assert_eq!(browser.text("h1"), "There is nothing here");
}

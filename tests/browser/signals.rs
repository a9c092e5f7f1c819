//! What the browser's password manager is told (Signal API, WebAuthn L3 §5.1.10), seen by what it holds afterwards.

use serde_json::json;

use super::appliance::Appliance;
use super::driver::Browser;
use super::settings::HOURS;

#[test]
fn a_deleted_passkey_leaves_the_device_too() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    browser.go(&appliance.page("/me"));
    browser.write("#set-password [name=password]", "a quiet river at night");
    browser.click("#set-password button");
    browser.is_told("password-set");
    assert_eq!(browser.passkeys_on(&authenticator).len(), 1);
    browser.click("[data-passkey] [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("passkey-deleted");
    browser.until("the device without it", || {
        browser.passkeys_on(&authenticator).is_empty().then_some(())
    });
}

#[test]
fn a_new_name_reaches_the_device_with_the_next_visit() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    let named = || browser.passkeys_on(&authenticator)[0]["userDisplayName"].clone();
    assert_eq!(named(), "admin");
    browser.go(&appliance.page("/administrators/admin"));
    browser.write("#card [name=name]", "Ada Example");
    browser.click("#card button");
    browser.is_told("account-changed");
    browser.go(&appliance.page("/home"));
    browser.until("the new name", || (named() == "Ada Example").then_some(()));
}

#[test]
fn a_passkey_that_the_office_does_not_take_leaves_the_device_again() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let first = appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.until("the settings", || (browser.run(HOURS) == "720").then_some(()));
    let maker = rcgen::generate_simple_self_signed(["maker.example".to_owned()]).unwrap();
    browser.click("#settings [value=attested]");
    browser.write("#settings [name=models]", "cb69481e-8ff7-4039-93ec-0a2729a154a8");
    browser.write("#settings [name=roots]", &maker.cert.pem());
    browser.click("#settings button.main");
    browser.is_told("saved");
    browser.remove_authenticator(&first);
    let other = browser.add_authenticator();
    browser.go(&appliance.page("/me"));
    browser.click("#make-passkey");
    browser.is_told("passkey-refused");
    browser.until("the device without it", || {
        browser.passkeys_on(&other).is_empty().then_some(())
    });
}

#[test]
fn a_passkey_of_which_nobody_knows_whether_it_was_kept_stays_on_the_device() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let first = appliance.first_run(&browser);
    browser.remove_authenticator(&first);
    browser.stand_in_between();
    browser.go(&appliance.page("/me"));
    for told in [json!([503, "busy"]), json!([500, "broken"]), json!(null)] {
        let other = browser.add_authenticator();
        browser.answers(&json!({ "/api/me/passkeys/finish": told }));
        browser.click("#make-passkey");
        browser.is_told(told[1].as_str().unwrap_or("offline"));
        assert_eq!(browser.passkeys_on(&other).len(), 1, "{told}");
        browser.remove_authenticator(&other);
    }
}

#[test]
fn a_passkey_that_is_unknown_when_it_shall_prove_somebody_leaves_the_device() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    appliance.restart_later("+11m");
    browser.stand_in_between();
    browser.go(&appliance.page("/me"));
    browser.answers(&json!({ "/api/me/proof/passkey/finish": [401, "unknown-passkey"] }));
    browser.click("#make-passkey");
    browser.click("#prove-passkey");
    browser.is_told_in("#prove-tell", "unknown-passkey");
    browser.until("the device without it", || {
        browser.passkeys_on(&authenticator).is_empty().then_some(())
    });
}

#[test]
fn ones_own_passkey_deleted_on_the_page_of_ones_account_leaves_the_device_too() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    browser.go(&appliance.page("/administrators/admin"));
    browser.write("#password [name=password]", "a quiet river at night");
    browser.click("#password button");
    browser.is_told("account-password-set");
    browser.click("[data-passkey] [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("account-passkey-deleted");
    browser.until("the device without it", || {
        browser.passkeys_on(&authenticator).is_empty().then_some(())
    });
}

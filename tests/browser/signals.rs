//! What the browser's password manager is told (Signal API, WebAuthn L3 §5.1.10), seen by what it holds afterwards.

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
    browser.click("#settings button");
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

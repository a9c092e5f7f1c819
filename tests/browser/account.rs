//! What an administrator does with somebody's passkeys, sign-ins and password.

use serde_json::json;

use super::appliance::{Appliance, joined, sign_in_by_password};
use super::driver::Browser;

#[test]
fn a_lost_device_is_signed_out_and_its_passkey_deleted() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    let link = appliance.add_person(&office, "101", "Mira Okafor");
    let (mira, _) = joined(&link);

    office.click("[data-extension=\"101\"] strong a");
    office.until("the passkey", || (office.count("[data-passkey]") == 1).then_some(()));
    office.click("[data-session] [data-action=end]");
    office.is_told("session-ended");
    office.text("#no-sessions");
    // Her page leads to the sign-in, where the passkey still works at once.
    mira.go(&appliance.page("/me"));
    mira.text("#passkeys strong");

    office.click("[data-passkey] [data-action=delete]");
    office.click("#confirm-yes");
    office.is_told("account-passkey-deleted");
    office.text("#no-passkeys");
    mira.click("#sign-out");
    mira.is_told("signed-out");
    mira.click("#sign-in-passkey");
    mira.is_told("unknown-passkey");
    assert_eq!(office.complaints(), Vec::<String>::new());
}

#[test]
fn all_of_somebodys_sign_ins_end_at_once() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    appliance.add_person(&office, "101", "Mira Okafor");
    office.click("[data-extension=\"101\"] strong a");
    set_password(&office);
    let (one, other) = (Browser::open(), Browser::open());
    for browser in [&one, &other] {
        browser.go(&appliance.origin);
        sign_in_by_password(browser, "101", PASSWORD);
        browser.arrives_at("/welcome");
    }
    office.go(&appliance.page("/people/101"));
    office.click("#end-sessions");
    office.click("#confirm-yes");
    office.is_told("account-sessions-ended");
    for browser in [&one, &other] {
        browser.go(&appliance.page("/home"));
        browser.arrives_at("/");
    }
}

#[test]
fn a_password_that_an_administrator_sets_works_until_it_is_removed() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    appliance.add_person(&office, "101", "Mira Okafor");
    office.click("[data-extension=\"101\"] strong a");
    office.write("#password [name=password]", "too short");
    office.click("#password button");
    office.is_told("invalid");
    set_password(&office);
    office.click("#remove-password");
    office.click("#confirm-yes");
    office.is_told("account-password-removed");
    let mira = Browser::open();
    mira.go(&appliance.origin);
    sign_in_by_password(&mira, "101", PASSWORD);
    mira.is_told("not-signed-in");
}

const PASSWORD: &str = "four green herons by noon";

fn set_password(office: &Browser) {
    office.write("#password [name=password]", PASSWORD);
    office.click("#password button");
    office.is_told("account-password-set");
}

#[test]
fn a_lost_devices_sign_ins_end_with_its_passkey_unless_the_tick_is_taken_away() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    let link = appliance.add_person(&office, "101", "Mira Okafor");
    let (mira, mut held) = joined(&link);
    for (keeps, signed_in) in [(true, 200), (false, 401)] {
        // Her session is one that the passkey opened.
        mira.devtools("Network.clearBrowserCookies", &json!({}));
        mira.go(&appliance.page("/"));
        mira.arrives_at("/home");
        office.go(&appliance.page("/people/101"));
        office.click("[data-passkey] [data-action=delete]");
        office.text("#confirm-choice");
        assert_eq!(
            office.run("return document.querySelector('#confirm-choice input').checked"),
            true
        );
        if keeps {
            office.click("#confirm-choice input");
        } else {
            super::look::picture(&office, "account-lost");
        }
        office.click("#confirm-yes");
        office.is_told("account-passkey-deleted");
        let status = mira.run("return fetch('/api/me').then(({ status }) => status)");
        assert_eq!(status, signed_in);
        if keeps {
            mira.remove_authenticator(&held);
            held = mira.add_authenticator();
            mira.go(&appliance.page("/me"));
            mira.click("#make-passkey");
            mira.is_told("passkey-made");
        }
    }
    assert_eq!(office.complaints(), Vec::<String>::new());
}

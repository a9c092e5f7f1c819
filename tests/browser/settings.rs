//! The office's settings, and what else an administrator changes under one's hands.

use serde_json::json;

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;

#[test]
fn a_new_name_is_asked_about_first_and_said_to_come_later() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.until("the settings", || (browser.run(HOURS) == "720").then_some(()));
    browser.write("#settings [name=session_hours]", "0");
    browser.click("#settings button.main");
    browser.is_told("invalid");
    browser.write("#settings [name=session_hours]", "24");
    browser.click("#settings button.main");
    browser.is_told("saved");
    browser.write("#settings [name=name]", "phones.example.org");
    assert!(
        browser
            .text("#rename-bound")
            .starts_with("One passkey of one person is bound")
    );
    let link = browser.text("#rename-link");
    assert!(link.starts_with("Neither password nor e-mail has: "), "{link}");
    assert!(browser.text("#rename-way").contains("no way in under the new name"));
    browser.click("#settings button.main");
    assert!(browser.text("#confirm-text").contains("Until you end the move"));
    browser.click("#confirm-no");
    browser.click("#settings [value=cut]");
    browser.click("#settings button.main");
    assert!(browser.text("#confirm-text").contains("do not work under"));
    browser.click("#confirm-yes");
    browser.is_told("no-way-there");
    browser.click("#rename-code");
    assert!(browser.text("#rename-code-shown").contains("Name: admin"));
    browser.until("the way in", || {
        browser
            .text("#rename-way")
            .contains("rescue code that waits")
            .then_some(())
    });
    browser.click("#settings button.main");
    browser.click("#confirm-yes");
    browser.is_told("saved");
    assert!(browser.text("#name-note").contains("after the next start"));
    browser.go(&appliance.page("/settings"));
    browser.until("the settings kept", || (browser.run(HOURS) == "24").then_some(()));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn switches_and_the_list_of_models_are_kept() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.until("the settings", || (browser.run(HOURS) == "720").then_some(()));
    browser.click("#settings [name=people_set_passwords]");
    browser.write("#settings [name=reset_minutes]", "30");
    browser.click("#settings [value=attested]");
    browser.write("#settings [name=models]", "cb69481e-8ff7-4039-93ec-0a2729a154a8");
    browser.click("#settings button.main");
    browser.is_told("invalid");
    assert_eq!(browser.count("#settings [name=roots][aria-invalid]"), 1);
    browser.click("#settings [value=any]");
    browser.click("#settings button.main");
    browser.is_told("saved");
    browser.go(&appliance.page("/settings"));
    let kept = "const { people_set_passwords: one, people_set_sip_passwords: other, reset_minutes: minutes } = \
        document.getElementById('settings').elements; return [one.checked, other.checked, minutes.value]";
    browser.until("what was kept", || {
        (browser.run(kept) == json!([true, false, "30"])).then_some(())
    });
    // From now on people find the form for a password on their own page.
    let link = appliance.add_person(&browser, "101", "Mira Okafor");
    let mira = Browser::open();
    mira.go(&link);
    mira.click("#join");
    mira.arrives_at("/welcome");
    mira.text("#or-password");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_session_ended_elsewhere_asks_for_a_sign_in_at_the_next_click() {
    let appliance = Appliance::start();
    let here = Browser::open();
    appliance.first_run(&here);
    here.go(&appliance.page("/me"));
    here.write("#set-password [name=password]", "four green herons by noon");
    here.click("#set-password button");
    here.is_told("password-set");
    let there = Browser::open();
    there.go(&appliance.origin);
    sign_in_by_password(&there, "admin", "four green herons by noon");
    there.arrives_at("/home");
    there.go(&appliance.page("/people"));
    there.text("#nobody");
    here.go(&appliance.page("/me"));
    here.click("#end-others");
    here.click("#confirm-yes");
    here.is_told("others-ended");
    there.write("#add-person [name=extension]", "101");
    there.write("#add-person [name=name]", "Mira Okafor");
    there.click("#add-person button");
    there.write("#again-password [name=password]", "four green herons by noon");
    there.click("#again-password button");
    there.text("#invite-link");
    // The browser that ended the other one stays.
    here.go(&appliance.page("/home"));
    here.text("#greeting");
}

#[test]
fn a_button_that_can_be_seen_works_however_slow_the_network_is() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    for (page, button, code) in [
        ("/me", "#make-passkey", "already-registered"),
        ("/people", "#add-person button", "invalid"),
    ] {
        browser.go(&appliance.page(page));
        // Files come from the cache now; every call takes three seconds.
        browser.slow_down(3000);
        browser.go(&appliance.page(page));
        browser.click(button);
        browser.slow_down(0);
        browser.is_told(code);
        assert!(browser.url().ends_with(page), "{button} left for {}", browser.url());
    }
}

#[test]
fn a_form_sent_before_its_script_is_there_keeps_what_was_typed_out_of_the_address() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.devtools("Network.enable", &json!({}));
    browser.devtools("Network.setBlockedURLs", &json!({"urls": ["*.js"]}));
    browser.go(&appliance.origin);
    // A password manager fills fields in whether they are shown or not, and Enter sends them.
    browser.run("document.getElementById('password').value = 'four green herons by noon'");
    browser.write("#username", "admin\u{e007}");
    // It may stay, or go to an answer; either way nothing is in the address.
    assert!(!browser.url().contains("herons"), "{}", browser.url());
}

#[test]
fn a_link_is_asked_for_by_somebody_who_says_who_they_are() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    browser.click("#recover");
    browser.is_told("recover-who");
    browser.write("#username", "101");
    browser.click("#recover");
    browser.is_told("recover");
}

#[test]
fn the_link_is_copied_by_its_button() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/people"));
    browser.write("#add-person [name=extension]", "101");
    browser.write("#add-person [name=name]", "Mira Okafor");
    browser.click("#add-person button");
    browser.text("#invite-link");
    browser.click("#copy-link");
    browser.is_told("copied");
}

/// What the field for the session length holds.
pub(super) const HOURS: &str = "return document.querySelector('#settings [name=session_hours]').value";

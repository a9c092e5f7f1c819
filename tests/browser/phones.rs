//! The page *Phones*, and a person's own devices.

use super::appliance::{Appliance, joined};
use super::driver::Browser;
use super::look::picture;

/// Waits until the row of the first device says so.
fn says(browser: &Browser, words: &str) {
    browser.until(words, || browser.text("#devices > li").contains(words).then_some(()));
}

#[test]
fn devices_are_added_shown_renamed_given_another_password_and_deleted() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/phones"));
    browser.text("#no-devices");
    browser.text("#off");
    browser.write("#add-device [name=extension]", "999");
    browser.click("#add-device .main");
    browser.is_told("invalid");
    browser.write("#add-device [name=extension]", "101");
    browser.write("#add-device [name=label]", "Hall");
    browser.click("#add-device .main");
    browser.is_told("device-added");
    says(&browser, "Hall");
    says(&browser, "101 Mira Okafor");
    says(&browser, "Not registered");

    browser.click("#devices [data-action=secret]");
    let secret = browser.text("#secret-secret");
    assert_eq!(secret.len(), 26, "{secret}");
    assert!(browser.text("#secret-username").starts_with("101-"));
    browser.click("#secret [data-close]");
    assert_eq!(
        browser.run("return document.getElementById('secret-secret').textContent"),
        ""
    );
    browser.click("#devices [data-action=rotate]");
    browser.click("#confirm-yes");
    let other = browser.text("#secret-secret");
    assert!(other.len() == 26 && other != secret);
    browser.click("#secret [data-close]");

    browser.click("#devices [data-action=rename]");
    browser.write("#rename [name=name]", "Kitchen");
    browser.click("#rename .main");
    browser.is_told("device-renamed");
    says(&browser, "Kitchen");
    browser.click("#phones-settings [name=phones]");
    browser.click("#phones-settings .row button");
    browser.is_told("saved");
    browser.until("phones are on", || {
        browser
            .run("return document.getElementById('off').hidden")
            .as_bool()?
            .then_some(())
    });
    browser.click("#devices [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("device-deleted");
    browser.text("#no-devices");
    let complaints = browser.complaints();
    assert!(complaints.iter().all(|line| line.contains("422")), "{complaints:?}");
}

#[test]
fn a_device_that_somebody_else_adds_comes_by_itself() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/phones"));
    browser.text("#no-devices");
    // As another window of the same browser would.
    browser.run(
        "fetch('/api/devices', { method: 'POST', headers: { 'Content-Type': 'application/json' }, \
         body: JSON.stringify({ kind: 'desk', label: 'Lobby' }) })",
    );
    says(&browser, "Lobby");
    browser.until("the makes are there", || {
        (browser.count("#makes details") == 5).then_some(())
    });
    picture(&browser, "phones-makes");
    browser.click("#devices [data-action=sticker]");
    assert!(browser.text("#sticker-link").ends_with("/desk/1"));
    picture(&browser, "phones-sticker");
    browser.go(&appliance.page("/desk/1"));
    browser.until("the desk is there", || {
        browser.text("#state").contains("free").then_some(())
    });
    picture(&browser, "desk");
}

#[test]
fn people_see_their_own_devices_and_choose_a_password_where_they_may() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    let link = appliance.add_person(&office, "101", "Mira Okafor");
    appliance.add_phone(&office, "101", "Hall");

    let (mira, _) = joined(&link);
    mira.go(&appliance.page("/me"));
    says(&mira, "Hall");
    assert_eq!(
        mira.count("#devices [data-action=choose][hidden]"),
        1,
        "the office does not allow it"
    );
    office.go(&appliance.page("/settings"));
    office.click("#settings [name=people_set_sip_passwords]");
    office.click("#settings .main");
    office.is_told("saved");
    mira.go(&appliance.page("/me"));
    mira.click("#devices [data-action=choose]");
    mira.write("#choose [name=secret]", "a blank in it");
    mira.click("#choose .main");
    mira.is_told_in("#choose-tell", "invalid");
    picture(&mira, "me-choose");
    mira.write("#choose [name=secret]", "quiet-harbour.12");
    mira.click("#choose .main");
    mira.is_told("secret-set");
    picture(&mira, "me-devices");
    office.go(&appliance.page("/phones"));
    office.click("#devices [data-action=secret]");
    assert_eq!(office.text("#secret-secret"), "quiet-harbour.12");
}

#[test]
fn a_device_that_somebody_else_changed_meanwhile_is_neither_deleted_nor_given_another_password_unseen() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    appliance.add_phone(&browser, "101", "Hall");
    // The line that tells of changes is gone, as on a page that slept.
    browser.run("window.dispatchEvent(new Event('pagehide'))");
    for (action, label) in [("rotate", "Kitchen"), ("delete", "Attic")] {
        browser.click(&format!("#devices [data-action={action}]"));
        let change = format!(
            "fetch('/api/devices/1', {{ method: 'PATCH', headers: {{ 'Content-Type': 'application/json' }}, \
             body: JSON.stringify({{ label: '{label}' }}) }})"
        );
        browser.run(&format!("return {change}.then(({{ status }}) => status)"));
        browser.click("#confirm-yes");
        browser.is_told("stale");
        says(&browser, label);
    }
    browser.click("#devices [data-action=rotate]");
    browser.click("#confirm-yes");
    assert_eq!(browser.text("#secret-secret").len(), 26);
    browser.click("#secret [data-close]");
    browser.click("#devices [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("device-deleted");
}

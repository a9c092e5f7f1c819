//! Administrators among themselves: adding one, where they may sign in from, and access for programs.

use super::appliance::Appliance;
use super::driver::Browser;

#[test]
fn an_administrator_adds_another_who_comes_in_by_the_link() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let link = add(&appliance, &browser, "jon", "Jon Vale");
    assert_eq!(browser.text("[data-username=jon] strong"), "Jon Vale");
    let jon = Browser::open();
    jon.go(&link);
    jon.click("#join");
    jon.arrives_at("/welcome");
    jon.go(&appliance.page("/administrators"));
    assert!(jon.text("[data-username=jon] p").contains("this is you"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(jon.complaints(), Vec::<String>::new());
}

#[test]
fn address_ranges_are_kept_and_nobody_shuts_themselves_out() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    add(&appliance, &browser, "jon", "Jon Vale");
    browser.click("[data-username=jon] strong a");
    shows(&browser, "Jon Vale");
    browser.write("#card [name=ranges]", "not a range");
    browser.click("#card button");
    browser.is_told("invalid");
    assert_eq!(browser.count("#card [name=ranges][aria-invalid]"), 1);
    browser.write("#card [name=ranges]", "192.168.1.0/24\n2001:db8::/32");
    browser.click("#card button");
    browser.is_told("account-changed");
    browser.click("#back");
    assert!(
        browser
            .text("[data-username=jon] p")
            .contains("from 192.168.1.0/24, 2001:db8::/32 only")
    );
    browser.click("[data-username=admin] strong a");
    shows(&browser, "admin");
    browser.write("#card [name=ranges]", "192.168.1.0/24");
    browser.click("#card button");
    browser.is_told("shuts-you-out");
    browser.write("#card [name=ranges]", "127.0.0.0/8 ::1");
    browser.click("#card button");
    browser.is_told("account-changed");
}

#[test]
fn a_new_sign_in_name_leads_on_under_its_own_address() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    add(&appliance, &browser, "jon", "Jon Vale");
    browser.click("[data-username=jon] strong a");
    shows(&browser, "Jon Vale");
    browser.write("#card [name=username]", "jonathan");
    browser.click("#card button");
    browser.is_told("account-changed");
    browser.arrives_at("/administrators/jonathan");
    browser.click("#revoke-link");
    browser.is_told("link-revoked");
    assert!(browser.text("#link-state").starts_with("There is no link"));
}

#[test]
fn the_secret_of_a_program_is_shown_once() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/administrators/admin"));
    shows(&browser, "admin");
    browser.click("#api-on");
    let first = browser.text("#secret-value");
    browser.click("#secret [data-close]");
    assert!(browser.text("#api-state").starts_with("On since"));
    browser.until("the secret to be gone", || {
        let left = browser.run("return document.getElementById('secret-value').textContent");
        (left == "").then_some(())
    });
    browser.click("#api-on");
    browser.click("#confirm-yes");
    assert_ne!(browser.text("#secret-value"), first);
    browser.click("#copy-secret");
    browser.is_told("secret-copied");
    browser.click("#api-off");
    browser.click("#confirm-yes");
    browser.is_told("api-off");
    assert!(browser.text("#api-state").starts_with("Off"));
}

#[test]
fn the_last_administrator_cannot_be_deleted() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/administrators/admin"));
    shows(&browser, "admin");
    browser.click("#delete");
    browser.click("#confirm-yes");
    browser.is_told("last-way-in");
}

/// Adds an administrator; their link.
fn add(appliance: &Appliance, browser: &Browser, username: &str, name: &str) -> String {
    browser.go(&appliance.page("/administrators"));
    browser.write("#add-administrator [name=username]", username);
    browser.write("#add-administrator [name=name]", name);
    browser.click("#add-administrator button");
    let link = browser.text("#invite-link");
    browser.click("#invite [data-close]");
    link
}

/// Waits until the account of that name is on the page.
fn shows(browser: &Browser, name: &str) {
    browser.until(name, || (browser.text("#title") == name).then_some(()));
}

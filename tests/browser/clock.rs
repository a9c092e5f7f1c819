//! A date that the appliance does not know, or that is ahead: what an administrator sees and does.

use super::appliance::Appliance;
use super::driver::Browser;
use super::look::picture;

#[test]
fn whoever_administers_confirms_the_date_at_sign_in_or_in_the_settings() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let flags = ["--clock", "none", "--time-server", "off"];
    appliance.restart_with(&flags);
    browser.go(&appliance.page("/settings"));
    browser.until("the date", || {
        browser
            .text("#clock-now")
            .contains("does not know the date")
            .then_some(())
    });
    browser.run("document.getElementById('clock').scrollIntoView()");
    picture(&browser, "settings-undated");
    browser.click("#clock-confirm");
    browser.is_told("clock-confirmed");
    assert!(browser.text("#clock-now").starts_with("It is "));

    appliance.restart_with(&flags);
    browser.click("#sign-out");
    browser.arrives_at("/");
    browser.click("#sign-in-passkey");
    browser.is_told("no-date");
    assert!(browser.text("#no-date-text").contains("By this device it is"));
    picture(&browser, "sign-in-undated");
    browser.click("#date-is-right");
    browser.arrives_at("/home");
}

#[test]
fn a_date_that_is_ahead_is_brought_back_after_it_was_said_what_that_does() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.restart_later("+4000d");
    // The prompt in the field is answered at once.
    browser.go(&appliance.origin);
    browser.arrives_at("/home");
    appliance.restart_with(&[]);
    browser.go(&appliance.page("/settings"));
    browser.click("#clock-back");
    assert!(
        browser
            .text("#confirm-text")
            .contains("Sign-ins that end: 1, yours too.")
    );
    picture(&browser, "settings-date-back");
    browser.click("#confirm-yes");
    browser.is_told("clock-back");
    browser.until("the new beginning", || {
        browser.go(&appliance.origin);
        (browser.run("return location.pathname") == "/home").then_some(())
    });
}

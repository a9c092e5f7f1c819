//! From an empty board to an administrator who can come back.

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;

#[test]
fn the_one_time_password_leads_to_a_passkey_and_works_no_second_time() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    assert_eq!(browser.text("#greeting"), "Hello, admin");
    assert_eq!(browser.text("#passkey-count"), "1");
    browser.click("#sign-out");
    browser.is_told("signed-out");
    // Nothing is asked of it while it starts again.
    browser.go("about:blank");
    appliance.restart_later("+1s");
    browser.go(&appliance.page("/?signed-out"));
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.is_told("not-signed-in");
    browser.click("#sign-in-passkey");
    browser.arrives_at("/home");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_administrator_may_set_a_password_instead_and_comes_back_with_it() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.write("#set-password [name=password]", "too short");
    browser.run("document.getElementById('set-password').noValidate = true");
    browser.click("#set-password button");
    assert!(browser.is_told("invalid").contains("12 characters"));
    browser.write("#set-password [name=password]", "four green herons by noon");
    browser.click("#set-password button");
    browser.arrives_at("/home");
    browser.click("#sign-out");
    browser.is_told("signed-out");
    sign_in_by_password(&browser, " Admin ", "four green herons by noon");
    // Without a passkey, one is offered again.
    browser.arrives_at("/welcome");
    browser.click("#later");
    browser.arrives_at("/home");
}

#[test]
fn a_locked_out_owner_is_let_in_by_the_start_up_flags_and_makes_another_passkey() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    let lost = appliance.first_run(&browser);
    browser.remove_authenticator(&lost);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    appliance.restart_with(&[
        "--admin-username",
        "admin",
        "--admin-password",
        "four green herons by noon",
    ]);
    browser.go(&appliance.page("/?signed-out"));
    sign_in_by_password(&browser, "admin", "four green herons by noon");
    browser.arrives_at("/welcome");
    browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    // The lost one is still there, to be deleted by its owner.
    browser.until("both passkeys", || {
        (browser.text("#passkey-count") == "2").then_some(())
    });
    browser.go(&appliance.page("/me"));
    browser.until("their rows", || (browser.count("[data-passkey]") == 2).then_some(()));
    browser.click("[data-passkey]:nth-child(1) [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("passkey-deleted");
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.click("#sign-in-passkey");
    browser.arrives_at("/home");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

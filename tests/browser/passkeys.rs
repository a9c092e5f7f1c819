//! Signing in with a passkey, and looking after several.

use super::appliance::Appliance;
use super::driver::Browser;
use super::look::picture;

#[test]
fn the_field_offers_the_passkey_as_soon_as_the_page_is_open() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    // The virtual authenticator answers a conditional request at once, as a person would by a click into the field.
    browser.go(&appliance.origin);
    browser.arrives_at("/home");
}

#[test]
fn the_button_signs_in_and_the_session_can_end_with_the_browser() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    assert!(browser.cookie("linekey").unwrap()["expiry"].is_number());
    assert_eq!(browser.cookie("linekey").unwrap()["httpOnly"], true);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    assert_eq!(browser.cookie("linekey"), None);
    browser.click("#public-computer");
    browser.click("#sign-in-passkey");
    browser.arrives_at("/home");
    assert!(browser.cookie("linekey").unwrap()["expiry"].is_null());
    assert!(browser.text("#session-note").contains("when you close it"));
}

#[test]
fn an_account_has_several_passkeys_which_can_be_renamed_and_deleted() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let first = appliance.first_run(&browser);
    browser.remove_authenticator(&first);
    browser.add_authenticator();
    browser.go(&appliance.page("/me"));
    browser.until("the first passkey", || {
        (browser.count("[data-passkey]") == 1).then_some(())
    });
    browser.click("#make-passkey");
    browser.is_told("passkey-made");
    assert_eq!(browser.count("[data-passkey]"), 2);
    browser.click("[data-passkey]:nth-child(2) [data-action=rename]");
    browser.write("#rename [name=name]", "Key in the safe");
    browser.click("#rename button");
    browser.is_told("passkey-renamed");
    assert_eq!(browser.text("[data-passkey]:nth-child(2) strong"), "Key in the safe");
    browser.click("[data-passkey]:nth-child(1) [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("passkey-deleted");
    assert_eq!(browser.count("[data-passkey]"), 1);
    assert_eq!(browser.text("[data-passkey] strong"), "Key in the safe");
    // The last way in stays.
    browser.click("[data-passkey] [data-action=delete]");
    browser.click("#confirm-yes");
    browser.is_told("last-way-in");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn all_passkeys_of_ones_own_can_be_deleted_where_a_password_is_left() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let first = appliance.first_run(&browser);
    browser.go(&appliance.page("/me"));
    browser.until("the first passkey", || {
        (browser.count("[data-passkey]") == 1).then_some(())
    });
    assert_eq!(
        browser.count("#delete-passkeys:not([hidden])"),
        0,
        "one is deleted in its row"
    );
    browser.remove_authenticator(&first);
    browser.add_authenticator();
    browser.click("#make-passkey");
    browser.is_told("passkey-made");
    picture(&browser, "me-two-passkeys");
    // The last way in stays.
    browser.click("#delete-passkeys");
    browser.click("#confirm-yes");
    browser.is_told("last-way-in");
    assert_eq!(browser.count("[data-passkey]"), 2);
    browser.write("#set-password [name=password]", "a quiet river at night");
    browser.click("#set-password button");
    browser.is_told("password-set");
    browser.click("#delete-passkeys");
    browser.click("#confirm-yes");
    browser.is_told("passkeys-deleted");
    assert_eq!(browser.count("[data-passkey]"), 0);
    assert_eq!(browser.count("#delete-passkeys:not([hidden])"), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_change_after_ten_minutes_asks_for_the_passkey_again() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    appliance.restart_later("+11m");
    browser.go(&appliance.page("/people"));
    browser.write("#add-person [name=extension]", "101");
    browser.write("#add-person [name=name]", "Mira Okafor");
    browser.click("#add-person button");
    browser.verifies(&authenticator, false);
    browser.click("#prove-passkey");
    browser.is_told_in("#prove-tell", "cancelled");
    browser.verifies(&authenticator, true);
    browser.click("#prove-passkey");
    assert!(browser.text("#invite-link").contains("/join#"));
    browser.click("#invite [data-close]");
    // The appliance's clock is ahead of the browser's by now: nothing was used in the future.
    browser.go(&appliance.page("/me"));
    let used = browser.text("[data-session]");
    assert!(used.contains("last used this minute"), "{used}");
    browser.go(&appliance.page("/people"));
    // From now on it is fresh again.
    browser.click("[data-extension=\"101\"] [data-action=invite]");
    browser.click("#confirm-yes");
    assert!(browser.text("#invite-link").contains("/join#"));
}

#[test]
fn a_session_that_is_over_leads_back_to_the_sign_in() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    browser.remove_authenticator(&authenticator);
    browser.go(&appliance.page("/me"));
    browser.until("the session", || (browser.count("[data-session]") == 1).then_some(()));
    appliance.restart_later("+31d");
    browser.click("#make-passkey");
    browser.click("#again-leave");
    browser.arrives_at("/?to=/me");
    browser.is_told("sign-in-first");
    browser.go(&appliance.page("/home"));
    browser.arrives_at("/");
}

#[test]
fn sessions_elsewhere_can_be_ended() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    // The same browser signs in once more: the older session lives on, elsewhere.
    browser.run("document.cookie = 'linekey=; Max-Age=0'");
    browser.devtools("Network.clearBrowserCookies", &serde_json::json!({}));
    browser.go(&appliance.origin);
    browser.arrives_at("/home");
    browser.go(&appliance.page("/me"));
    browser.until("two sessions", || (browser.count("[data-session]") == 2).then_some(()));
    browser.click("[data-session]:nth-child(2) [data-action=end]:not([hidden])");
    browser.is_told("session-ended");
    assert_eq!(browser.count("[data-session]"), 1);
}

//! What is shown of passkeys, sessions and access for programs: kind, name, made, last used, from where, by what, until
//! when.

use super::appliance::Appliance;
use super::driver::Browser;

fn holds_all(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn passkeys_and_sessions_say_all_that_is_known_of_them() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let year = browser.run("return String(new Date().getFullYear())");
    let year = year.as_str().unwrap();
    for page in ["/me", "/administrators/admin"] {
        browser.go(&appliance.page(page));
        holds_all(
            &browser.text("[data-passkey]"),
            &["Chrome on Linux", "Passkey, made ", year, "Not used yet."],
        );
        let session = [
            "Chrome on Linux",
            "Signed in by one-time password ",
            "from 127.0.0.1. Ends ",
        ];
        holds_all(&browser.text("[data-session]"), &session);
        holds_all(
            &browser.text("[data-session]"),
            &["this browser", "last used this minute"],
        );
    }
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.click("#sign-in-passkey");
    browser.arrives_at("/home");
    for page in ["/me", "/administrators/admin"] {
        browser.go(&appliance.page(page));
        let used = "Last used this minute from 127.0.0.1 by Chrome on Linux.";
        holds_all(&browser.text("[data-passkey]"), &[used]);
        holds_all(&browser.text("[data-session]"), &["Signed in by passkey "]);
    }
}

#[test]
fn ones_own_access_for_programs_is_among_what_is_ones_own_and_can_be_turned_off_there() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/me"));
    browser.text("[data-session]");
    assert_eq!(browser.count("#api-section[hidden]"), 1);
    browser.go(&appliance.page("/administrators/admin"));
    browser.text("[data-session]");
    browser.click("#api-on");
    browser.text("#secret-value");
    let used = "const { ofApi } = await import(document.querySelector('script').src.replace(/[^/]+$/, 'facts.js'));
         return ofApi({ since: 1795420800, last_used: Date.now() / 1000, address: '192.0.2.1', browser: 'curl' })";
    let used = browser.run(&format!("return (async () => {{ {used} }})()"));
    holds_all(
        used.as_str().unwrap(),
        &["On since Nov 23, 2026", "Last used this minute from 192.0.2.1 by curl."],
    );
    browser.go(&appliance.page("/me"));
    holds_all(&browser.text("#api-state"), &["On since ", "Not used yet."]);
    super::look::picture(&browser, "me-api");
    browser.click("#api-off");
    browser.click("#confirm-yes");
    browser.is_told("api-off");
    assert_eq!(browser.count("#api-section[hidden]"), 1);
    browser.go(&appliance.page("/administrators/admin"));
    browser.text("[data-session]");
    assert!(browser.text("#api-state").starts_with("Off"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

//! What is not lost: typed text when a session ends, the page that was asked for, and what somebody else has saved. And
//! what is not kept: pages that were seen before a sign-out.

use serde_json::json;

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;
use super::look::picture;
use super::settings::HOURS;

#[test]
fn a_session_that_ends_takes_no_typed_text_along() {
    let mut appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/people"));
    browser.write("#add-person [name=extension]", "101");
    browser.write("#add-person [name=name]", "Mira Okafor");
    appliance.restart_later("+31d");
    browser.click("#add-person button");
    browser.text("#again-title");
    picture(&browser, "again");
    browser.click("#again-passkey");
    assert!(browser.text("#invite-link").contains("/join#"));
    browser.click("#invite [data-close]");
    assert_eq!(browser.text("[data-extension=\"101\"] strong"), "Mira Okafor");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_that_was_asked_for_is_shown_after_the_sign_in() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    browser.verifies(&authenticator, false);
    browser.devtools("Network.clearBrowserCookies", &json!({}));
    browser.go(&appliance.page("/administrators/admin"));
    browser.arrives_at("/?to=/administrators/admin");
    browser.verifies(&authenticator, true);
    // The prompt in the field may have been quicker.
    browser.run("document.getElementById('sign-in-passkey')?.click()");
    browser.until("the page", || {
        browser.url().ends_with("/administrators/admin").then_some(())
    });
    assert_eq!(browser.text("#title"), "admin");
}

#[test]
fn the_way_back_after_a_sign_out_shows_no_page_of_before() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/people/101"));
    browser.until("the name", || (browser.text("#title") == "Mira Okafor").then_some(()));
    browser.verifies(&authenticator, false);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.run("history.back()");
    browser.arrives_at("/?to=/people/101");
    let text = browser.run("return document.documentElement.textContent");
    assert!(!text.as_str().unwrap().contains("Mira"), "{text}");
}

#[test]
fn a_page_out_of_the_browsers_memory_is_shown_to_nobody_who_is_signed_out() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    browser.verifies(&authenticator, false);
    browser.go(&appliance.page("/me"));
    browser.text("#passkeys strong");
    // As a browser would that keeps pages as they are, whatever they say: the session ended in another window.
    browser.run("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    browser.until("the page again", || {
        (browser.run("return document.body.hidden") == false).then_some(())
    });
    browser.devtools("Network.clearBrowserCookies", &json!({}));
    browser.run("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    browser.is_told("ended");
}

#[test]
fn two_tabs_on_one_account_do_not_write_back_each_others_older_values() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/people/101"));
    browser.until("the card", || {
        (browser.run("return document.querySelector('#card [name=name]').value") == "Mira Okafor").then_some(())
    });
    elsewhere(&browser, "/api/people/101", r#"{"email": "mira@example.org"}"#);
    browser.write("#card [name=name]", "Mira O.");
    browser.click("#card button");
    browser.is_told("stale");
    picture(&browser, "account-stale");
    let field = |name: &str| browser.run(&format!("return document.querySelector('#card [name={name}]').value"));
    assert_eq!(
        [field("name"), field("email")],
        [json!("Mira O."), json!("mira@example.org")]
    );
    browser.click("#card button");
    browser.is_told("account-changed");
    browser.go(&appliance.page("/people"));
    let row = browser.text("[data-extension=\"101\"]");
    assert!(row.contains("Mira O.") && row.contains("mira@example.org"), "{row}");
}

#[test]
fn two_tabs_on_the_settings_do_not_either() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.until("the settings", || (browser.run(HOURS) == "720").then_some(()));
    elsewhere(&browser, "/api/settings", r#"{"session_hours": 24}"#);
    browser.write("#settings [name=reset_minutes]", "30");
    browser.click("#settings button.main");
    browser.is_told("stale");
    assert_eq!(browser.run(HOURS), "24");
    browser.click("#settings button.main");
    browser.is_told("saved");
    let now = browser.run("return fetch('/api/settings').then((answer) => answer.json())");
    assert_eq!((&now["session_hours"], &now["reset_minutes"]), (&json!(24), &json!(30)));
}

/// Changes something as another tab would.
fn elsewhere(browser: &Browser, path: &str, body: &str) {
    let status = browser.run(&format!(
        "return fetch('{path}', {{ method: 'PATCH', body: '{body}', headers: {{ 'Content-Type': 'application/json' }} \
            }})
           .then(({{ status }}) => status)"
    ));
    assert_eq!(status, 200);
}

#[test]
fn a_number_that_cannot_be_is_told_at_its_field_in_our_words() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.until("the settings", || (browser.run(HOURS) == "720").then_some(()));
    for (field, typed) in [
        ("session_hours", "1.5"),
        ("invite_hours", "-1"),
        ("reset_minutes", "99999"),
        ("session_hours", ""),
    ] {
        browser.go(&appliance.page("/settings"));
        browser.until("the settings", || (browser.run(HOURS) == "720").then_some(()));
        browser.run(&format!("document.querySelector('[name={field}]').value = '{typed}'"));
        browser.click("#settings button.main");
        let told = browser.is_told("invalid");
        let at_field = browser.text(&format!("label:has([name={field}][aria-invalid]) + .wrong"));
        assert_eq!(told, at_field);
        assert!(told.contains("between"), "{field} {typed}: {told}");
    }
    picture(&browser, "settings-wrong-number");
    browser.write("#relay [name=server]", "mail.example.org");
    browser.write("#relay [name=sender]", "pbx@example.org");
    browser.write("#relay [name=port]", "99999");
    browser.click("#relay button.main");
    assert!(browser.is_told("invalid").contains("1 to 65535"));
}

#[test]
fn a_form_for_a_password_that_would_be_refused_is_not_offered() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    appliance.add_person(&office, "101", "Mira Okafor");
    office.go(&appliance.page("/people/101"));
    office.write("#password [name=password]", "four green herons by noon");
    office.click("#password button");
    office.is_told("account-password-set");
    let mira = Browser::open();
    mira.go(&appliance.origin);
    sign_in_by_password(&mira, "101", "four green herons by noon");
    mira.arrives_at("/welcome");
    mira.go(&appliance.page("/me"));
    mira.text("#remove-password");
    assert_eq!(
        mira.run("return document.querySelector('#set-password [name=password]').checkVisibility()"),
        false
    );
    assert_eq!(
        mira.run("return document.querySelector('#set-password button').checkVisibility()"),
        false
    );
}

#[test]
fn a_long_e_mail_address_does_not_widen_a_page() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira");
    browser.go(&appliance.page("/people/101"));
    browser.write(
        "#card [name=email]",
        "maximiliane.hohenberger-von-und-zu-tal@buero.example.org",
    );
    browser.write(
        "#card [name=name]",
        "MaximilianeHohenbergerVonUndZuTalImSchoenenSchwarzwald",
    );
    browser.click("#card button");
    browser.is_told("account-changed");
    picture(&browser, "account-long");
    browser.go(&appliance.page("/people"));
    browser.text("[data-extension=\"101\"]");
    picture(&browser, "people-long");
}

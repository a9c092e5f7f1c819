//! The prompt that waits in the username field (conditional mediation), watched where the browser is asked.

use serde_json::{Value, json};

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;

/// Counts what is asked in the field. It stays open as it does for people, where `localStorage.picks` is not set; the
/// prompt of the button is closed at once. Four minutes pass in half a second.
const WATCHED: &str = "
const after = window.setTimeout.bind(window);
window.setTimeout = (work, length) => after(work, length === 240000 ? 500 : length);
if (window.PublicKeyCredential) {
  const get = navigator.credentials.get.bind(navigator.credentials);
  window.asked = 0;
  navigator.credentials.get = ({ publicKey, mediation, signal }) => {
    if (!mediation) return Promise.reject(new DOMException('', 'NotAllowedError'));
    window.asked++;
    if (localStorage.picks) return get({ publicKey });
    return new Promise((_, ended) => signal.addEventListener('abort', () => ended(signal.reason)));
  };
}";

fn watched(appliance: &Appliance) -> Browser {
    let browser = Browser::open();
    browser.go(&appliance.page("/healthz"));
    browser.on_every_page(WATCHED);
    browser.stand_in_between();
    browser
}

fn asked(browser: &Browser) -> u64 {
    browser.run("return window.asked").as_u64().unwrap()
}

/// Waits until something more is asked in the field.
fn asks_again(browser: &Browser) {
    let before = asked(browser);
    browser.until("another prompt in the field", || {
        (asked(browser) > before).then_some(())
    });
}

#[test]
fn the_field_offers_passkeys_again_after_a_wrong_password_and_a_prompt_that_was_closed() {
    let appliance = Appliance::start();
    let browser = watched(&appliance);
    browser.go(&appliance.origin);
    asks_again(&browser);
    sign_in_by_password(&browser, "admin", "certainly not");
    browser.is_told("not-signed-in");
    asks_again(&browser);
    browser.click("#sign-in-passkey");
    browser.until("the prompt that is closed", || {
        let told = browser.run("return document.getElementById('tell').dataset.code");
        (told == "cancelled" || told == "no-authenticator").then_some(())
    });
    asks_again(&browser);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_idle_page_says_nothing_while_the_appliance_is_away_and_waits_again_when_it_is_back() {
    let appliance = Appliance::start();
    let browser = watched(&appliance);
    browser.go(&appliance.origin);
    asks_again(&browser);
    for told in [Value::Null, json!([503, "busy"])] {
        browser.answers(&json!({ "/api/sign-in/passkey/begin": told }));
        browser.asks_twice("/api/sign-in/passkey/begin");
        assert_eq!(browser.count("#tell:empty"), 1);
        browser.answers(&json!({}));
        asks_again(&browser);
    }
}

#[test]
fn a_passkey_that_is_refused_in_the_field_says_why_whatever_else_fails_and_the_field_goes_on() {
    let appliance = Appliance::start();
    let browser = watched(&appliance);
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    let authenticator = browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    browser.devtools("Network.clearBrowserCookies", &json!({}));
    browser.go(&appliance.page("/"));
    asks_again(&browser);
    browser.run("localStorage.picks = true");
    browser.answers(&json!({ "/api/sign-in/passkey/finish": [401, "unknown-passkey"], "/api/site": null }));
    browser.is_told("unknown-passkey");
    browser.until("the device without it", || {
        browser.passkeys_on(&authenticator).is_empty().then_some(())
    });
    browser.run("delete localStorage.picks");
    asks_again(&browser);
    browser.is_told("unknown-passkey");
}

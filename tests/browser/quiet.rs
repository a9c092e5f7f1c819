//! Conditional create (WebAuthn L3 §5.1.3). Chromium's virtual authenticator never completes it: here the browser's own
//! `create` is asked in its place, so that everything but the password manager's say is real.

use serde_json::{Value, json};

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;

const WORDS: &str = "four green herons by noon";

/// Writes down what is asked quietly, and what the device is told; `localStorage.how` is how the password manager
/// answers.
const MANAGER: &str = "
if (window.PublicKeyCredential) {
  const note = (what) => (localStorage.notes = JSON.stringify([...JSON.parse(localStorage.notes ?? '[]'), what]));
  const create = navigator.credentials.create.bind(navigator.credentials);
  PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true });
  navigator.credentials.create = ({ publicKey, mediation, signal }) => {
    if (!mediation) return create({ publicKey, signal });
    const { excludeCredentials, authenticatorSelection } = publicKey;
    note([location.pathname, mediation, excludeCredentials.length, authenticatorSelection.userVerification]);
    if (localStorage.how === 'refuses') return Promise.reject(new DOMException('', 'NotAllowedError'));
    if (localStorage.how === 'hangs') return new Promise((_, ended) => signal?.addEventListener('abort', () => \
    ended(signal.reason)));
    return create({ publicKey });
  };
  const accepted = PublicKeyCredential.signalAllAcceptedCredentials.bind(PublicKeyCredential);
  PublicKeyCredential.signalAllAcceptedCredentials = (told) => {
    note([location.pathname, 'accepted', told.allAcceptedCredentialIds.length]);
    return accepted(told);
  };
}";

/// An administrator who has a password and no passkey, before the sign-in.
fn at_the_sign_in(appliance: &Appliance) -> Browser {
    let browser = Browser::open();
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.write("#set-password [name=password]", WORDS);
    browser.click("#set-password button");
    browser.arrives_at("/home");
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.on_every_page(MANAGER);
    browser.go(&appliance.page("/?signed-out"));
    browser
}

fn answers(browser: &Browser, how: &str) {
    browser.run(&format!("localStorage.how = '{how}'"));
}

fn notes(browser: &Browser) -> Vec<Value> {
    let notes = browser.run("return JSON.parse(localStorage.notes ?? '[]')");
    notes.as_array().unwrap().clone()
}

/// What was asked quietly so far.
fn asked(browser: &Browser) -> Vec<Value> {
    let quietly = |note: &Value| note[1] == "conditional";
    notes(browser).into_iter().filter(quietly).collect()
}

#[test]
fn whoever_comes_in_by_password_has_a_passkey_made_without_a_question_once() {
    let appliance = Appliance::start();
    let browser = at_the_sign_in(&appliance);
    let authenticator = browser.add_authenticator();
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/home");
    browser.is_told("passkey-made-quietly");
    assert_eq!(browser.text("#passkey-count"), "1");
    assert_eq!(browser.passkeys_on(&authenticator).len(), 1);
    let once = vec![json!(["/welcome", "conditional", 0, "preferred"])];
    assert_eq!(asked(&browser), once);
    // Neither a reload nor the way back asks again.
    browser.go(&appliance.page("/home"));
    browser.text("#session-note");
    browser.go(&appliance.page("/welcome"));
    browser.text("#or-password");
    assert_eq!(asked(&browser), once);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn where_none_is_made_quietly_one_is_offered_and_not_now_is_the_end_of_it() {
    let appliance = Appliance::start();
    let browser = at_the_sign_in(&appliance);
    answers(&browser, "refuses");
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/welcome");
    browser.until("the question", || (asked(&browser).len() == 1).then_some(()));
    answers(&browser, "");
    assert_eq!(browser.count("#tell:empty"), 1, "a refusal is nobody's business");
    browser.click("#later");
    browser.arrives_at("/home");
    browser.text("#session-note");
    browser.run("history.back()");
    browser.arrives_at("/welcome");
    browser.text("#or-password");
    assert_eq!(asked(&browser).len(), 1, "{:?}", notes(&browser));
    browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_password_manager_that_takes_its_time_holds_up_nobody() {
    let appliance = Appliance::start();
    let browser = at_the_sign_in(&appliance);
    let authenticator = browser.add_authenticator();
    answers(&browser, "hangs");
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/welcome");
    browser.until("the question", || (asked(&browser).len() == 1).then_some(()));
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    assert_eq!(browser.passkeys_on(&authenticator).len(), 1);
    browser.remove_authenticator(&authenticator);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.go(&appliance.page("/?to=%2Fme%3Fback"));
    answers(&browser, "hangs");
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/me?back");
    assert_eq!(asked(&browser).len(), 1);
}

#[test]
fn on_a_public_computer_nothing_is_made_quietly() {
    let appliance = Appliance::start();
    let browser = at_the_sign_in(&appliance);
    let authenticator = browser.add_authenticator();
    browser.click("#public-computer");
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/welcome");
    browser.until("what is told in any case", || {
        (!notes(&browser).is_empty()).then_some(())
    });
    browser.click("#later");
    browser.arrives_at("/home");
    browser.text("#session-note");
    assert_eq!(asked(&browser), Vec::<Value>::new());
    assert_eq!(browser.passkeys_on(&authenticator), Vec::<Value>::new());
}

#[test]
fn who_has_a_passkey_elsewhere_gets_one_here_on_the_first_page_once() {
    let appliance = Appliance::start();
    let browser = at_the_sign_in(&appliance);
    let elsewhere = browser.add_authenticator();
    sign_in_by_password(&browser, "admin", WORDS);
    browser.is_told("passkey-made-quietly");
    browser.remove_authenticator(&elsewhere);
    browser.add_authenticator();
    browser.click("#sign-out");
    browser.is_told("signed-out");
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/home");
    browser.is_told("passkey-made-quietly");
    assert_eq!(browser.text("#passkey-count"), "2");
    let told = vec![
        json!(["/home", "accepted", 1]),
        json!(["/home", "conditional", 1, "preferred"]),
        json!(["/home", "accepted", 2]),
    ];
    assert_eq!(
        notes(&browser),
        told,
        "the new one is made before the device is told of it"
    );
    browser.go(&appliance.page("/home"));
    browser.until("the reload", || (notes(&browser).len() == 4).then_some(()));
    assert_eq!(asked(&browser).len(), 1);
}

#[test]
fn before_somebody_goes_on_to_another_service_all_is_settled_with_the_device() {
    let appliance = Appliance::start();
    let browser = at_the_sign_in(&appliance);
    // Without any passkey the offer comes first, and leads on.
    let authenticator = browser.add_authenticator();
    browser.go(&appliance.page("/?to=%2Fme%3Fback"));
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/me?back");
    assert_eq!(asked(&browser), [json!(["/welcome", "conditional", 0, "preferred"])]);
    assert_eq!(browser.passkeys_on(&authenticator).len(), 1);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.go(&appliance.page("/?to=%2Fme%3Fback"));
    browser.arrives_at("/me?back");
    assert_eq!(notes(&browser)[0], json!(["/", "accepted", 1]));
    browser.remove_authenticator(&authenticator);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.add_authenticator();
    browser.go(&appliance.page("/?to=%2Fme%3Fback"));
    sign_in_by_password(&browser, "admin", WORDS);
    browser.arrives_at("/me?back");
    assert_eq!(asked(&browser), [json!(["/", "conditional", 1, "preferred"])]);
    browser.until("both passkeys", || (browser.count("[data-passkey]") == 2).then_some(()));
}

//! Browsers without the standard's JSON functions, and password managers that put their own in their place.

use serde_json::json;

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;

/// Safari 17 has none of these.
const WITHOUT_JSON: &str = "
for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) delete \
window.PublicKeyCredential?.[name];
delete window.PublicKeyCredential?.prototype.toJSON;";

/// Writes the other alphabet, with padding.
const OTHER_BASE64: &str = "
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
if (window.PublicKeyCredential) PublicKeyCredential.prototype.toJSON = function () {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (this.response[name]) response[name] = text(this.response[name]);
  return { id: text(this.rawId), rawId: text(this.rawId), type: this.type, response, clientExtensionResults: {} };
};";

/// Throws, and has parsers that throw.
const THROWS: &str = "
const fails = () => { throw new TypeError('Illegal invocation'); };
if (window.PublicKeyCredential) {
  PublicKeyCredential.prototype.toJSON = fails;
  PublicKeyCredential.parseCreationOptionsFromJSON = fails;
  PublicKeyCredential.parseRequestOptionsFromJSON = fails;
}";

/// Hands out objects of its own, with views in the place of buffers and no functions.
const PLAIN_OBJECTS: &str = "
const plain = async (credential) => {
  const { id, rawId, type, response } = await credential;
  const bytes = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (response[name]) bytes[name] = new Uint8Array(response[name]);
  return { id, rawId: new Uint8Array(rawId), type, response: bytes };
};
for (const name of ['create', 'get']) {
  const asked = navigator.credentials?.[name].bind(navigator.credentials);
  if (asked) navigator.credentials[name] = (options) => plain(asked(options));
}";

/// The first run with a browser in which that script runs before the page's own, then a sign-out and a sign-in.
#[test]
fn odd_browsers_and_password_managers_make_passkeys_and_sign_in_with_them() {
    for (what, script) in [
        ("no JSON functions", WITHOUT_JSON),
        ("the other base64", OTHER_BASE64),
        ("throws", THROWS),
        ("plain objects", PLAIN_OBJECTS),
    ] {
        let appliance = Appliance::start();
        let browser = Browser::open();
        browser.go(&appliance.page("/healthz"));
        browser.on_every_page(script);
        appliance.first_run(&browser);
        browser.click("#sign-out");
        browser.is_told("signed-out");
        browser.click("#sign-in-passkey");
        browser.arrives_at("/home");
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_password_manager_that_fails_is_told_in_a_sentence_and_what_the_server_never_saw_leaves_the_device() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.run("navigator.credentials.create = () => Promise.reject(new Error('vault is locked'))");
    browser.click("#make-passkey");
    assert!(browser.is_told("passkey-failed").contains("vault is locked"));
    browser.run("navigator.credentials.create = async () => null");
    browser.click("#make-passkey");
    browser.is_told("passkey-unreadable");
    let authenticator = browser.add_authenticator();
    browser.run(
        "const create = CredentialsContainer.prototype.create.bind(navigator.credentials);
         navigator.credentials.create = async (options) => {
           const { id, rawId, type } = await create(options);
           return { id, rawId, type, response: {} };
         };",
    );
    browser.click("#make-passkey");
    browser.until("the sentence about this one", || {
        let empty = browser.passkeys_on(&authenticator).is_empty();
        let told = browser.run("return document.getElementById('tell').dataset.code");
        (told == "passkey-unreadable" && empty && browser.count("[aria-busy]") == 0).then_some(())
    });
}

#[test]
fn a_passkey_whose_backup_flag_changed_says_what_to_do() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    let authenticator = appliance.first_run(&browser);
    let id = browser.passkeys_on(&authenticator)[0]["credentialId"].clone();
    let id = id.as_str().unwrap().replace('-', "+").replace('_', "/");
    let padded = format!("{id}{}", "=".repeat((4 - id.len() % 4) % 4));
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.devtools(
        "WebAuthn.setCredentialProperties",
        &json!({ "authenticatorId": authenticator, "credentialId": padded, "backupEligibility": true }),
    );
    browser.click("#sign-in-passkey");
    assert!(browser.is_told("passkey-changed").contains("make a new one"));
}

/// Answers as a device that did not ask for a PIN: the server cannot take it.
const SPOILS_THE_SIGNATURE: &str = "
const get = navigator.credentials?.get.bind(navigator.credentials);
if (get) navigator.credentials.get = async (options) => {
  const { id, rawId, type, response } = await get(options);
  const { clientDataJSON, authenticatorData, userHandle } = response;
  const signature = new Uint8Array(response.signature);
  signature[signature.length - 1] ^= 1;
  return { id, rawId, type, response: { clientDataJSON, authenticatorData, userHandle, signature } };
};";

#[test]
fn a_passkey_that_does_not_sign_in_is_not_told_to_check_what_was_typed() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.on_every_page(SPOILS_THE_SIGNATURE);
    browser.click("#sign-out");
    browser.is_told("signed-out");
    browser.click("#sign-in-passkey");
    let told = browser.is_told("not-signed-in");
    assert!(
        told.contains("passkey did not sign you in") && told.contains("PIN"),
        "{told}"
    );
    assert!(!told.contains("typed"), "{told}");
}

//! The steps to install the office CA as each system gets them (T01, T02), and on paper.

use serde_json::{Value, json};

use super::driver::Browser;
use super::office_ca::Secure;

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.5 Mobile/15E148 Safari/604.1";
/// A Mac's, and an iPad's since iPadOS 13.
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                   Version/18.5 Safari/605.1.15";
const FIREFOX_ON_ANDROID: &str = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
const CHROME_ON_ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                                 Chrome/140.0.0.0 Mobile Safari/537.36";

/// The sections that are open, each with the words of its steps in their order, less what is drawn.
const OPEN: &str = "
return [...document.querySelectorAll('details[open]')].map((system) => [system.id,
  [...system.querySelectorAll('ol > li')].map((step) => step.firstChild.textContent.trim())]);";

/// The welcome page of an appliance that this browser does not trust, as it says what it is: the verdict, and the steps
/// that are open.
fn welcomed(browser: &Browser, appliance: &Secure, agent: &str, touches: bool) -> (String, Value) {
    browser.devtools("Emulation.setUserAgentOverride", &json!({ "userAgent": agent }));
    let touch = json!({ "enabled": touches, "maxTouchPoints": 5 });
    browser.devtools("Emulation.setTouchEmulationEnabled", &touch);
    browser.go(&(appliance.in_the_clear("linekey.test") + "trust"));
    let told = browser.until("the verdict", || {
        let told = browser.text("#tell");
        told.starts_with("This browser does not trust").then_some(told)
    });
    (told, browser.run(OPEN))
}

/// One section is open, whose steps say this in this order.
fn says(open: &Value, system: &str, steps: &[&[&str]]) {
    assert!(open.as_array().unwrap().len() == 1 && open[0][0] == system, "{open}");
    let said = open[0][1].as_array().unwrap();
    assert_eq!(said.len(), steps.len(), "{open}");
    for (said, words) in said.iter().zip(steps) {
        for word in *words {
            assert!(said.as_str().unwrap().contains(word), "{word}: {said}");
        }
    }
}

/// T02. An iPad says that it is a Mac, and has a screen that is touched.
#[test]
fn an_iphone_and_an_ipad_get_three_steps_in_order_and_are_told_of_the_switch() {
    let appliance = Secure::start();
    let browser = appliance.browser();
    for agent in [IPHONE, MAC] {
        let (told, open) = welcomed(&browser, &appliance, agent, true);
        assert!(
            told.contains("the switch under Certificate Trust Settings is usually what is missing"),
            "{told}"
        );
        says(
            &open,
            "for-ios",
            &[
                &["Load:", "Download for iPhone, iPad and Mac", "Safari"],
                &["Install:", "Profile Downloaded"],
                &["Turn on the switch:", "General › About › Certificate Trust Settings"],
            ],
        );
    }
    let (told, open) = welcomed(&browser, &appliance, MAC, false);
    assert!(!told.contains("switch"), "a Mac has none: {told}");
    assert_eq!(open[0][0], "for-macos", "{open}");
}

/// T01. Android has a list of CAs and a list of certificates with a key; Firefox there has a switch of its own.
#[test]
fn on_android_each_browser_gets_its_own_switch_and_apps_are_told_which_store_they_read() {
    let appliance = Secure::start();
    let browser = appliance.browser();
    let (_, open) = welcomed(&browser, &appliance, CHROME_ON_ANDROID, true);
    says(
        &open,
        "for-android",
        &[
            &["linekey.crt"],
            &["Install a certificate › CA certificate", "Install anyway"],
            &["private key", "wrong list", "CA certificate"],
        ],
    );
    let (_, open) = welcomed(&browser, &appliance, FIREFOX_ON_ANDROID, true);
    says(
        &open,
        "for-firefox-android",
        &[
            &["steps for Android first"],
            &["About Firefox", "seven times"],
            &["Secret Settings", "Use third party CA certificates"],
        ],
    );
    browser.run("document.getElementById('for-apps').open = true");
    let apps = browser.text("#for-apps ol");
    assert!(
        apps.contains("apps read the CAs that people install only if their makers chose so"),
        "{apps}"
    );
    assert!(apps.contains("a field for a root certificate"), "{apps}");
    assert_eq!(browser.text("#for-apps a[href='/trust/linekey.pem']"), "linekey.pem");
}

/// What of the page has no height on paper: steps, drawn screens, the fingerprint; and what of the buttons has one.
const PAPER: &str = "
const tall = (one) => one.checkVisibility() && one.getBoundingClientRect().height > 0;
const all = (css) => [...document.querySelectorAll(css)];
const steps = all('details ol > li, details figure, details .screen, #fingerprint, h1:not([hidden]), summary');
return [steps.length, steps.filter((one) => !tall(one)).map((one) => one.textContent),
  all('button, a.button, #tell').filter(tall).map((one) => one.textContent)];";

#[test]
fn on_paper_the_page_has_the_steps_of_all_systems_and_the_fingerprint_and_no_buttons() {
    let appliance = Secure::start();
    let browser = appliance.browser();
    let (_, open) = welcomed(&browser, &appliance, CHROME_ON_ANDROID, false);
    assert_eq!(open.as_array().unwrap().len(), 1, "on the screen one system alone");
    let on_the_screen = browser.run(PAPER);
    for seen in [1, 2] {
        assert_ne!(on_the_screen[seen], json!([]), "{on_the_screen}");
    }
    let printed = |how: &str| {
        let on_paper = browser.run(PAPER);
        assert!(on_paper[0].as_u64() > Some(50), "{how}: {on_paper}");
        assert_eq!(on_paper[1], json!([]), "{how}: what is missing");
        assert_eq!(on_paper[2], json!([]), "{how}: what nobody can press on paper");
    };
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    let fingerprint = browser.text("#fingerprint");
    assert_eq!(fingerprint.split(':').count(), 32, "SHA-256: {fingerprint}");
    // What the page does itself before it is printed, for browsers whose style sheets open nothing.
    browser.run("window.dispatchEvent(new Event('beforeprint'))");
    printed("opened by the page");
    browser.run("for (const steps of document.querySelectorAll('details')) steps.open = false");
    printed("opened by the style sheet");
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "" }));
}

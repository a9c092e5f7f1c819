//! Pictures of every page, light and dark, at a desk's and a phone's width, from top to end (a dialog alone as the
//! screen shows it), in `tests/browser/screenshots`: to be looked at.

use std::path::Path;

use serde_json::json;

use super::appliance::{Appliance, fresh_folder, sign_in_by_password};
use super::driver::Browser;

#[test]
fn every_page_is_pictured_and_none_is_wider_than_the_screen() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.go(&appliance.origin);
    picture(&browser, "sign-in");
    sign_in_by_password(&browser, "admin", "certainly not");
    browser.is_told("not-signed-in");
    picture(&browser, "sign-in-refused");
    let authenticator = appliance.first_run(&browser);
    picture(&browser, "home");
    browser.go(&appliance.page("/me"));
    browser.until("the session", || (browser.count("[data-session]") == 1).then_some(()));
    picture(&browser, "me");
    browser.go(&appliance.page("/welcome"));
    picture(&browser, "welcome");
    browser.go(&appliance.page("/people"));
    browser.text("#nobody");
    picture(&browser, "people-nobody");
    appliance.add_person(&browser, "101", "Mira Okafor");
    appliance.add_person(&browser, "2001", "Somebody With A Rather Long Name Indeed");
    picture(&browser, "people");
    browser.click("[data-extension=\"101\"] [data-action=invite]");
    browser.click("#confirm-yes");
    let link = browser.text("#invite-link");
    picture(&browser, "people-invite");
    browser.click("#invite [data-close]");
    for (page, name) in [
        ("/people/101", "account-person"),
        ("/administrators", "administrators"),
        ("/administrators/admin", "account-administrator"),
        ("/import", "import"),
        ("/phones", "phones"),
        ("/journal", "journal"),
        ("/examples", "examples"),
    ] {
        browser.go(&appliance.page(page));
        browser.until("nothing to wait for", || browser.run(QUIET).as_bool()?.then_some(()));
        picture(&browser, name);
    }
    browser.go(&appliance.page("/phones"));
    browser.text("#no-devices");
    for (extension, label) in [("101", "Hall"), ("2001", "Somebody's App With A Long Name")] {
        browser.write("#add-device [name=extension]", extension);
        browser.write("#add-device [name=label]", label);
        browser.click("#add-device .main");
        browser.is_told("device-added");
    }
    picture(&browser, "phones-devices");
    browser.click("#devices [data-action=secret]");
    browser.text("#secret-secret");
    picture(&browser, "phones-secret");
    browser.click("#secret [data-close]");
    browser.go(&appliance.page("/import"));
    browser.write(
        "#look textarea",
        "101,Somebody Else,\n22,Jon Vale,jon@example.org\n2x,Faulty,",
    );
    browser.click("#look button");
    browser.text("#preview-title");
    picture(&browser, "import-preview");
    browser.go(&appliance.page("/settings"));
    picture(&browser, "settings");
    browser.write("#settings [name=name]", "phones.example.org");
    browser.text("#rename-way");
    browser.click("#rename-code");
    browser.text("#rename-code-shown");
    picture(&browser, "settings-rename");
    browser.go(&appliance.page("/settings"));
    let folder = fresh_folder("backups");
    browser.write("#backups [name=folder]", folder.to_str().unwrap());
    for field in ["passphrase", "again"] {
        browser.write(&format!("#backups [name={field}]"), "four words on paper");
    }
    browser.click("#backups button.main");
    browser.is_told("backup-made");
    picture(&browser, "settings-backups");
    std::fs::remove_dir_all(&folder).unwrap();
    browser.click("#make-backup");
    browser.is_told("backup-failed");
    picture(&browser, "settings-backups-failed");
    browser.go(&appliance.page("/home"));
    browser.text("#backups-state");
    picture(&browser, "home-backups-failed");
    browser.go(&appliance.page("/nowhere"));
    picture(&browser, "missing");
    browser.remove_authenticator(&authenticator);
    browser.go(&link);
    picture(&browser, "join");
    browser.go(&appliance.page("/join"));
    browser.is_told("no-link");
    picture(&browser, "join-no-link");
    // Sentences about what tests provoke are in nobody's way; a breach of the content security policy would be one
    // here.
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

/// Whether everything that the page asked for has come.
const QUIET: &str =
    "return document.readyState === 'complete' && document.querySelectorAll('nav a:not([hidden])').length > 2";

/// How high the page is; nothing where a dialog lies over it.
const WHOLE: &str = "return document.querySelector('dialog[open]') ? 0 : document.documentElement.scrollHeight";

/// Takes the four pictures of a page.
pub(crate) fn picture(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (screen, width, height, mobile) in [("desk", 1280, 800, false), ("phone", 390, 844, true)] {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        browser.devtools("Emulation.setDeviceMetricsOverride", &size);
        let whole = browser.run(WHOLE).as_i64().unwrap().max(height);
        let size = json!({"width": width, "height": whole, "deviceScaleFactor": 1, "mobile": mobile});
        browser.devtools("Emulation.setDeviceMetricsOverride", &size);
        for scheme in ["light", "dark"] {
            let media = json!({"features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]});
            browser.devtools("Emulation.setEmulatedMedia", &media);
            let widest = browser
                .run("return document.documentElement.scrollWidth")
                .as_i64()
                .unwrap();
            assert!(widest <= width, "{name} is {widest} wide on a {screen} of {width}");
            std::fs::write(folder.join(format!("{name}-{screen}-{scheme}.png")), browser.picture()).unwrap();
        }
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", &json!({}));
}

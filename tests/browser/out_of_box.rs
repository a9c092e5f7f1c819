//! Phones out of their boxes: many at once, labels before the camera, cards and codes, and shared desks that change
//! hands.

use std::process::Command;

use serde_json::json;

use super::appliance::{Appliance, fresh_folder, joined};
use super::driver::Browser;
use super::look::picture;
use crate::left_out::left_out;

/// A camera that sees nothing, and a reader that reads a label in it, as a browser for mobiles has one.
const CAMERA: &str = "
globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ['code_128', 'qr_code']; }
  async detect() { return [{ rawValue: 'S/N 12345678' }, { rawValue: 'MAC: 24-9A-D8-00-00-02' }]; }
};
const canvas = document.createElement('canvas');
canvas.getContext('2d');
navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(5);
HTMLMediaElement.prototype.play = async () => {};";

fn set(browser: &Browser, field: &str, value: &str) {
    browser.run(&format!("document.querySelector('{field}').value = {}", json!(value)));
}

#[test]
fn phones_are_added_from_a_table_after_a_preview_and_from_a_label_before_the_camera() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.on_every_page(CAMERA);
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/phones/import"));
    set(
        &browser,
        "[name=csv]",
        "MAC;Extension;Model\n24:9a:d8:00:00:01;101;T46U\n24:9a:d8:00:00:01;101;T46U\nnonsense;101;\n\
         00:04:13:aa:bb:cc;999;D785\n",
    );
    browser.click("#look .main");
    browser.until("the preview", || (browser.count("#lines tr") == 4).then_some(()));
    assert_eq!(browser.text("#preview-title"), "1 phone can be added");
    assert_eq!(browser.text("#faulty"), "3 lines cannot; they are left out.");
    picture(&browser, "phones-import");
    browser.click("#add-button");
    browser.is_told("phones-imported");
    browser.go(&appliance.page("/phones"));
    browser.until("the phone of the table", || {
        browser.text("#devices > li").contains("T46U").then_some(())
    });
    browser.click("#add-device summary");
    browser.click("#scan");
    browser.until("the label's MAC address", || {
        let found = browser.run("return document.querySelector('[name=mac]').value");
        (found == "249ad8000002").then_some(())
    });
    assert_eq!(browser.run("return document.getElementById('scanner').open"), false);
}

#[test]
fn no_button_offers_the_camera_where_the_browser_reads_no_labels() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    browser.on_every_page("delete globalThis.BarcodeDetector;");
    appliance.first_run(&browser);
    browser.go(&appliance.page("/phones"));
    browser.text("#no-devices");
    browser.click("#add-device summary");
    browser.text("#mac-hint");
    assert_eq!(browser.run("return document.getElementById('scan').hidden"), true);
}

#[test]
fn a_phone_has_a_card_to_print_its_menus_password_and_the_office_its_time_zone() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/phones"));
    browser.write("#add-device [name=extension]", "101");
    browser.write("#add-device [name=label]", "Hall");
    browser.click("#add-device summary");
    browser.write("#add-device [name=mac]", "249ad8000001");
    browser.click("#add-device .main");
    browser.is_told("device-added");
    browser.click("#devices [data-action=card]");
    assert_eq!(browser.text("#card-mac"), "24:9A:D8:00:00:01");
    assert!(browser.text("#card-address").ends_with("/provision/"));
    picture(&browser, "phones-card");
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    let printed = browser.run(
        "return [document.querySelector('main'), document.querySelector('#card .row')].map((it) \
        => it.offsetParent === null)",
    );
    assert_eq!(printed, json!([true, true]), "the card alone is printed");
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "" }));
    browser.click("#card [data-close]");
    browser.click("#devices [data-action=secret]");
    let menu = browser.text("#secret-menu");
    assert!(
        menu.len() == 16 && menu.bytes().all(|digit| digit.is_ascii_digit()),
        "{menu}"
    );
    picture(&browser, "phones-secret");
    browser.click("#secret [data-close]");
    let forgotten = "return document.getElementById('secret-menu').textContent === ''";
    browser.until("the password to be gone", || {
        browser.run(forgotten).as_bool().filter(|gone| *gone)
    });
    // Proposed by the browser, then kept.
    let proposed = browser.run("return document.querySelector('[name=time_zone]').value");
    assert_eq!(
        proposed,
        browser.run("return Intl.DateTimeFormat().resolvedOptions().timeZone")
    );
    set(&browser, "[name=time_zone]", "Europe/Atlantis");
    browser.click("#phones-settings .row button");
    browser.is_told("invalid");
    set(&browser, "[name=time_zone]", "europe/berlin");
    set(&browser, "[name=emergency]", "112, 110");
    browser.click("#phones-settings [name=phones]");
    browser.click("#phones-settings .row button");
    browser.is_told("saved");
    assert!(browser.text("#no-emergency").contains("112, 110"));
    let kept = browser.run("return document.querySelector('[name=time_zone]').value");
    assert_eq!(kept, "Europe/Berlin");
    picture(&browser, "phones-on");
    has_another_address(&browser);
}

/// P41: the phone's other address is typed, taken away, and joined as it asks.
fn has_another_address(browser: &Browser) {
    let says = |what: &str, there: bool| {
        browser.until(what, || {
            (browser.text("#devices > li").contains(what) == there).then_some(())
        });
    };
    for (typed, there) in [("24:9A:D8:00:00:02", true), ("", false)] {
        browser.click("#devices [data-action=other-mac]");
        assert_eq!(browser.text("#other-mac-title"), "The other MAC address of “Hall”");
        set(browser, "#other-mac [name=other_mac]", typed);
        browser.click("#other-mac .main");
        browser.is_told("device-other-mac");
        says("its other address is 249ad8000002", there);
    }
    browser.click("#devices [data-action=other-mac]");
    browser.text("#other-mac-title");
    set(browser, "#other-mac [name=other_mac]", "24:9A:D8:00:00:01");
    browser.click("#other-mac .main");
    let wrong = browser.text("#other-mac .wrong");
    assert!(!wrong.is_empty(), "what is wrong is said at the field");
    picture(browser, "phones-other-mac");
    browser.click("#other-mac [data-close]");
    browser.click("#phones-settings [name=plain_provisioning]");
    browser.click("#phones-settings .row button");
    browser.is_told("saved");
    browser.run("fetch('/provision/249ad8000003.cfg')");
    browser.click("#asking [data-action=same]");
    assert!(browser.text("#same select").contains("Hall"));
    picture(browser, "phones-same");
    browser.click("#same .main");
    browser.is_told("device-joined");
    says("its other address is 249ad8000003", true);
    assert_eq!(browser.count("#asking > li"), 0);
}

/// What a camera reads of the page now; none where there is no reader.
fn read_by_camera(browser: &Browser) -> Option<String> {
    read_in(&browser.picture())
}

/// What zbar reads in a picture (PNG); none where it is not installed.
pub(crate) fn read_in(picture: &[u8]) -> Option<String> {
    let file = fresh_folder("codes").join("code.png");
    std::fs::write(&file, picture).unwrap();
    let Ok(read) = Command::new("zbarimg").args(["-q", "--raw"]).arg(file).output() else {
        left_out("codes read by a camera: zbar-tools is not installed");
        return None;
    };
    Some(String::from_utf8(read.stdout).unwrap().trim().to_owned())
}

fn mobile(browser: &Browser, scale: u32) {
    let size = json!({ "width": 390, "height": 844, "deviceScaleFactor": scale, "mobile": true });
    browser.devtools("Emulation.setDeviceMetricsOverride", &size);
}

/// P37: the code on the page is large enough on a mobile, dark on white in dark mode too, with its quiet zone.
fn is_readable(browser: &Browser, code: &str, link: &str) {
    mobile(browser, 2);
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.devtools("Emulation.setEmulatedMedia", &dark);
    let look = format!(
        "const code = document.querySelector('{code}'); const box = code.getBoundingClientRect(); \
         const style = getComputedStyle(code); code.scrollIntoView({{ block: 'center' }}); \
         return [box.width, box.height, style.color, style.backgroundColor, code.getAttribute('viewBox')]"
    );
    let seen = browser.run(&look);
    assert!(
        seen[0].as_f64().unwrap() >= 240.0 && seen[1].as_f64().unwrap() >= 240.0,
        "{seen}"
    );
    assert_eq!(
        (&seen[2], &seen[3]),
        (&json!("rgb(0, 0, 0)"), &json!("rgb(255, 255, 255)"))
    );
    let view: Vec<i64> = seen[4]
        .as_str()
        .unwrap()
        .split(' ')
        .map(|part| part.parse().unwrap())
        .collect();
    assert!(view[0] == -4 && view[1] == -4 && view[2] - 8 <= 57, "{view:?}");
    // As it is, at half the size, and as a grey picture of a bad camera.
    let blur = "document.documentElement.style.filter = 'grayscale(1) contrast(0.6) blur(1px)'";
    for (scale, script) in [(2, ""), (1, ""), (1, blur)] {
        mobile(browser, scale);
        browser.run(script);
        if let Some(read) = read_by_camera(browser) {
            assert_eq!(read, link, "{scale} {script}");
        }
    }
    browser.run("document.documentElement.style.filter = ''");
    browser.devtools("Emulation.clearDeviceMetricsOverride", &json!({}));
}

/// P37: as it is printed, in millimetres (96 px of CSS are 25.4 mm): the code is 25 mm wide at least and a module 0.4,
/// and all of it with its quiet zone is on one sheet of A4.
fn is_large_in_print(browser: &Browser, code: &str) {
    // A4 less the usual margins of 10 mm.
    let sheet = json!({ "width": 718, "height": 1047, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", &sheet);
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    let look = format!(
        "const code = document.querySelector('{code}'); const box = code.getBoundingClientRect(); \
         return [box.width, box.left, box.right, box.bottom, code.viewBox.baseVal.width, \
         getComputedStyle(code).printColorAdjust]"
    );
    let seen = browser.run(&look);
    let [width, left, right, bottom, modules] = [0, 1, 2, 3, 4].map(|place| seen[place].as_f64().unwrap());
    let module_mm = width * 25.4 / 96.0 / modules;
    assert!(
        module_mm >= 0.4 && module_mm * (modules - 8.0) >= 25.0,
        "{module_mm} mm: {seen}"
    );
    assert!(left >= 0.0 && right <= 718.0 && bottom <= 1047.0, "{seen}");
    assert_eq!(seen[5], "exact");
    // The sheet itself, as Chromium prints it, is read by a camera.
    if let Some(read) = read_in(&browser.picture()) {
        assert_eq!(read, browser.text("#sticker-link"));
    }
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "" }));
    browser.devtools("Emulation.clearDeviceMetricsOverride", &json!({}));
}

#[test]
fn p37_codes_are_read_from_a_screen_of_390_pixels_and_p24_who_is_put_out_is_told() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    let people = ["101", "102"].map(|extension| {
        let link = appliance.add_person(&office, extension, &format!("Person {extension}"));
        let (browser, _) = joined(&link);
        // A desk takes a sign-in by passkey.
        browser.click("#sign-out");
        browser.is_told("signed-out");
        browser.click("#sign-in-passkey");
        browser.arrives_at("/home");
        browser
    });
    let [ada, ben] = &people;
    office.go(&appliance.page("/phones"));
    office.run("document.querySelector('#add-device [name=kind]').value = 'desk'");
    office.write("#add-device [name=label]", "Window");
    office.click("#add-device .main");
    office.is_told("device-added");
    office.click("#devices [data-action=sticker]");
    let link = office.text("#sticker-link");
    is_readable(&office, "#sticker-qr", &link);
    is_large_in_print(&office, "#sticker-qr");
    office.click("#sticker [data-close]");
    // An administrator has no extension that a desk could ring for, and is not offered it.
    office.go(&link);
    assert!(office.text("#administrator").contains("administrator"));
    assert_eq!(office.run("return document.getElementById('take').hidden"), true);
    picture(&office, "desk-administrator");

    ada.go(&link);
    assert!(
        ada.text(".notice:not([hidden])")
            .contains("Emergency calls do not work")
    );
    ada.click("#take .main");
    ada.is_told("desk-taken");
    ben.go(&link);
    ben.click("#take .main");
    ben.is_told("desk-taken");
    picture(ben, "desk-mine");
    ada.go(&appliance.page("/me"));
    assert!(ada.text("#put-out").starts_with("Person 102 sits at “Window” since"));
    picture(ada, "me-put-out");
    ada.click("#add-app");
    let link = ada.text("#app-link");
    is_readable(ada, "#app-qr", &link);
    picture(ada, "me-app");
    ada.click("#app [data-close]");
    // P35: a second code takes the place of the first, unless somebody wants a further app.
    ada.click("#add-app");
    ada.text("#app-again-title");
    picture(ada, "me-app-again");
    ada.click("#app-again .main");
    assert_ne!(ada.text("#app-link"), link);
    ada.click("#app [data-close]");
    assert_eq!(ada.count("#devices > li"), 1);
    ada.click("#devices [data-action=remove]");
    ada.click("#confirm-yes");
    ada.is_told("app-removed");
    assert_eq!(ada.count("#devices > li"), 0);

    office.go(&appliance.page("/phones"));
    office.click("#devices [data-action=free]");
    office.is_told("desk-freed");
    ben.go(&appliance.page("/me"));
    assert!(ben.text("#put-out").starts_with("An administrator made “Window” free"));
}

//! Backups by themselves, and a passphrase that is tried, as an administrator does it.

use super::appliance::{Appliance, fresh_folder};
use super::driver::Browser;
use super::look::picture;

fn passphrase(browser: &Browser, form: &str, fields: &[&str], text: &str) {
    for field in fields {
        browser.write(&format!("#{form} [name={field}]"), text);
    }
}

#[test]
fn a_folder_is_set_a_backup_made_its_passphrase_tried_and_a_failure_told_at_home() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    let folder = fresh_folder("backups");
    browser.write("#backups [name=folder]", folder.to_str().unwrap());
    passphrase(&browser, "backups", &["passphrase"], "four words on paper");
    passphrase(&browser, "backups", &["again"], "four words in paper");
    browser.click("#backups button.main");
    browser.is_told("passphrases-differ");
    passphrase(&browser, "backups", &["again"], "four words on paper");
    browser.click("#backups button.main");
    browser.is_told("backup-made");
    assert!(browser.text("#backups-good").starts_with("Last good backup"));
    let time = "return document.querySelector('#backups [name=daily_at]').value";
    assert_eq!(browser.run(time), "02:30", "as it was typed, whatever the time zone");
    let made = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let tried = |text: &str| {
        browser.write("#try-backup [name=file]", made.to_str().unwrap());
        passphrase(&browser, "try-backup", &["passphrase"], text);
        browser.click("#try-backup button");
        browser.text("#tried[data-fits]")
    };
    assert!(tried("four words on paper").starts_with("The passphrase fits. The backup is of "));
    browser.run("delete document.getElementById('tried').dataset.fits");
    assert!(tried("other words on paper").contains("this is not its passphrase"));
    std::fs::remove_dir_all(&folder).unwrap();
    browser.click("#make-backup");
    browser.is_told("backup-failed");
    browser.go(&appliance.page("/home"));
    assert!(browser.text("#backups-state").contains("the folder is not there"));
    assert!(browser.text("#backups-tile").contains("Last good backup"));
    browser.go(&appliance.page("/settings"));
    browser.click("#remove-backups");
    browser.click("#confirm-yes");
    browser.is_told("backups-removed");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_bucket_that_cannot_be_reached_is_told_before_anything_is_saved() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/settings"));
    browser.run(
        "const into = document.querySelector('#backups [name=into]'); into.value = 'bucket'; \
         into.dispatchEvent(new Event('change'))",
    );
    let closed =
        "return [document.getElementById('into-folder').hidden, document.getElementById('into-bucket').hidden]";
    assert_eq!(browser.run(closed), serde_json::json!([true, false]));
    for (field, text) in [
        ("endpoint", "http://127.0.0.1:9"),
        ("bucket", "office"),
        ("access_key", "AKLINEKEY"),
        ("secret", "forty letters"),
        ("passphrase", "four words on paper"),
        ("again", "four words on paper"),
    ] {
        browser.write(&format!("#backups [name={field}]"), text);
    }
    picture(&browser, "settings-bucket");
    browser.click("#backups button.main");
    browser.is_told("invalid");
    let said = browser.text("#tell");
    assert!(
        said.contains("Nothing was saved: the bucket's server cannot be reached"),
        "{said}"
    );
    assert!(!browser.text("#backups").contains("forty letters"));
}

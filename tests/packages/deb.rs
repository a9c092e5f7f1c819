//! The Debian package: installed, upgraded, removed, installed again and purged, under a systemd of the test's own.

use std::process::Command;

use crate::machine::{Machine, has, package, root, slim};

/// What the owner sets: a name, ports below 1024, a password to begin with.
const OWN: &str = "LINEKEY_NAME=pbx.test\\nLINEKEY_HTTP=127.0.0.1:80\\nLINEKEY_HTTPS=0.0.0.0:443\\n\
                   LINEKEY_ADMIN_PASSWORD=four-words-for-one-time\\n";
/// Asks as the office's administrator, whose cookie outlives the package.
const ASK: &str = "curl -sSf --max-time 20 --retry 5 --retry-connrefused -k --resolve pbx.test:443:127.0.0.1 -b \
                   /root/jar -c /root/jar -H 'Origin: https://pbx.test' -H 'Sec-Fetch-Site: same-origin' -H \
                   'Content-Type: application/json'";
const AUTHORITY: &str = "curl -sSf --max-time 20 --retry 5 --retry-connrefused -k --resolve pbx.test:443:127.0.0.1 \
                         https://pbx.test/trust/linekey.pem | sha256sum";

fn set_up(machine: &Machine) {
    machine.does(&format!(
        "printf '{OWN}' >>/etc/default/linekey; systemctl restart linekey"
    ));
    let sign_in = r#"{"username":"admin","password":"four-words-for-one-time"}"#;
    machine.does(&format!("{ASK} -d '{sign_in}' https://pbx.test/api/sign-in/password"));
    let person = r#"{"extension":"100","name":"Mira"}"#;
    machine.does(&format!("{ASK} -d '{person}' https://pbx.test/api/people"));
}

fn people(machine: &Machine) -> String {
    machine.does(&format!("{ASK} https://pbx.test/api/people"))
}

#[test]
fn from_the_installation_to_the_purge_the_offices_people_and_authority_stay() {
    let Some(machine) = Machine::start() else { return };
    machine.install(&package("0.1.0"));
    machine.wait_until_active();
    assert_eq!(machine.does("systemctl is-enabled linekey"), "enabled");
    assert_eq!(machine.does("curl -sSf http://localhost:8080/healthz"), "ok");
    set_up(&machine);
    let (mira, authority, user) = (people(&machine), machine.does(AUTHORITY), machine.does("id linekey"));
    assert!(mira.contains("Mira"), "{mira}");

    // Upgraded: what was edited is kept, and it was restarted once.
    let before = machine.does("cat /etc/default/linekey");
    let process = machine.show("MainPID");
    let said = machine.install(&package("0.1.1"));
    assert_eq!(machine.does("cat /etc/default/linekey"), before, "{said}");
    machine.wait_until_active();
    assert_ne!(machine.show("MainPID"), process, "the new version runs");
    let ready = machine.does("journalctl -u linekey -o cat --no-pager --since -5min | grep -c '^Linekey is ready'");
    assert_eq!(ready, "3", "first start, own settings, upgrade");
    assert_eq!(
        (people(&machine), machine.does(AUTHORITY)),
        (mira.clone(), authority.clone())
    );

    // A service that its owner stopped, to restore perhaps, is not started by an upgrade.
    machine.does("systemctl stop linekey");
    machine.install(&package("0.1.2"));
    assert_eq!(machine.show("ActiveState"), "inactive");
    machine.does("systemctl start linekey");

    machine.does("dpkg --remove linekey");
    assert_eq!(
        machine.run("pidof linekey").status.code(),
        Some(1),
        "removed, it does not run"
    );
    assert_eq!(machine.does("cat /etc/default/linekey"), before);
    machine.install(&package("0.1.2"));
    machine.wait_until_active();
    assert_eq!((people(&machine), machine.does(AUTHORITY)), (mira, authority));
    assert_eq!(machine.does("id linekey"), user);

    machine.does("touch /opt/other /etc/other /var/lib/other");
    let said = machine.does("dpkg --purge linekey");
    assert!(said.contains("stay in /var/lib/linekey"), "{said}");
    machine.does("test -s /var/lib/linekey/linekey.redb -a -s /var/lib/linekey/linekey.key");
    machine.does("test -e /opt/other -a -e /etc/other -a -e /var/lib/other");
    let left = machine.does("find /etc /usr /run -xdev -name '*linekey*' -not -path '*/src/*' 2>/dev/null || true");
    assert_eq!(left, "", "nothing else of it is left");
}

#[test]
fn the_same_program_makes_the_same_package() {
    if !has("dpkg-deb") {
        return;
    }
    let sum = || {
        let made = package("0.1.0-same");
        let sum = Command::new("sha256sum").arg(made).output().unwrap();
        String::from_utf8(sum.stdout).unwrap()
    };
    let first = sum();
    // Another date of the files changes nothing.
    let now = Command::new("touch")
        .arg(slim())
        .arg(root().join("board/service/linekey.default"))
        .status();
    assert!(now.unwrap().success());
    assert_eq!(sum(), first);
}

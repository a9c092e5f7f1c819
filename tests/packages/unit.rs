//! The unit as it is shipped, under a real systemd: what it allows, what its owner adds, and what it does about threads
//! that are stuck.

use crate::house::wait_for;
use crate::machine::{Machine, package};

fn installed() -> Option<Machine> {
    let machine = Machine::start()?;
    machine.install(&package("0.1.0"));
    machine.wait_until_active();
    Some(machine)
}

#[test]
fn a_process_that_is_stuck_is_ended_by_the_watchdog_and_begun_anew() {
    let Some(machine) = installed() else { return };
    machine.drop_in("WatchdogSec=2s\\nRestartSec=0");
    let before = machine.show("MainPID");
    machine.does(&format!("kill -STOP {before}"));
    wait_for("another process", || {
        let now = machine.show("MainPID");
        (now != before && now != "0").then_some(())
    });
    machine.wait_until_active();
    let said = machine.does("journalctl -o cat --no-pager | grep -i watchdog");
    assert!(said.contains("Watchdog timeout"), "{said}");
    assert_eq!(machine.does("curl -sSf http://localhost:8080/healthz"), "ok");
}

#[test]
fn files_of_roots_low_ports_and_the_key_apart_are_given_by_a_line_each() {
    let Some(machine) = installed() else { return };
    machine.does(
        "mkdir -m 700 /etc/papers; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj \
         /CN=pbx.test -addext subjectAltName=DNS:pbx.test -keyout /etc/papers/key.pem -out /etc/papers/chain.pem; \
         chmod 600 /etc/papers/*; systemctl stop linekey; mv /var/lib/linekey/linekey.key /etc/papers; \
         chown root:root /etc/papers/linekey.key",
    );
    machine.drop_in(
        "LoadCredential=chain.pem:/etc/papers/chain.pem\\nLoadCredential=key.pem:/etc/papers/key.pem\\n\
         LoadCredential=linekey.key:/etc/papers/linekey.key\\n\
         Environment=LINEKEY_TLS_CERT=%%d/chain.pem LINEKEY_TLS_KEY=%%d/key.pem LINEKEY_NAME=pbx.test \
         LINEKEY_HTTP=0.0.0.0:80 LINEKEY_HTTPS=0.0.0.0:443",
    );
    machine.wait_until_active();
    let asked = "curl -sSf --cacert /etc/papers/chain.pem --resolve pbx.test:443:127.0.0.1 https://pbx.test/healthz";
    assert_eq!(machine.does(asked), "ok");
    machine.does("systemctl reload linekey");
    assert_eq!(machine.does(asked), "ok");
    machine.does("test ! -e /var/lib/linekey/linekey.key");
}

#[test]
fn a_backup_folder_is_written_with_the_line_for_it_and_not_without() {
    let Some(machine) = installed() else { return };
    machine.does(
        "install -d -o linekey /srv/backup; echo a-long-enough-passphrase >/srv/backup/secret; systemctl stop linekey",
    );
    // The errand under the unit's own walls.
    let errand = "Type=oneshot\\nRestart=no\\nExecStart=\\n\
                  ExecStart=/usr/bin/linekey --backup /srv/backup/office --backup-passphrase-file /srv/backup/secret";
    let folder = "/etc/systemd/system/linekey.service.d";
    let run = |more: &str| {
        machine.run(&format!(
            "mkdir -p {folder}; printf '[Service]\\n{errand}\\n{more}\\n' >{folder}/own.conf; systemctl daemon-reload; \
             systemctl start linekey"
        ))
    };
    assert!(!run("").status.success());
    let said = machine.does("journalctl -u linekey -o cat --no-pager");
    assert!(said.contains("the file system is mounted read-only"), "{said}");
    assert!(
        run("ReadWritePaths=-/srv/backup").status.success(),
        "{}",
        machine.does("journalctl -n 20 -o cat")
    );
    machine.does("test -s /srv/backup/office");
}

#[test]
fn sockets_of_systemds_are_served_without_any_right_of_roots() {
    let Some(machine) = installed() else { return };
    machine.does("systemctl stop linekey; cp /usr/share/doc/linekey/examples/linekey-http.socket /etc/systemd/system");
    machine.does(
        "mkdir -p /etc/systemd/system/linekey.service.d; printf \
         '[Service]\\nCapabilityBoundingSet=\\nAmbientCapabilities=\\n' \
         >/etc/systemd/system/linekey.service.d/own.conf; systemctl daemon-reload; systemctl start linekey-http.socket",
    );
    assert_eq!(machine.show("ActiveState"), "inactive");
    assert_eq!(machine.does("curl -sSf --max-time 30 http://localhost/healthz"), "ok");
    assert_eq!(machine.show("ActiveState"), "active");
    assert!(
        machine
            .does("grep CapBnd /proc/$(pidof linekey)/status")
            .ends_with("0000000000000000")
    );
}

#[test]
fn it_starts_on_a_root_that_is_read_only() {
    let Some(machine) = installed() else { return };
    machine.does(
        "systemctl stop linekey; mount -t tmpfs tmpfs /var/lib/linekey; chown linekey: /var/lib/linekey; \
         mount -o remount,bind,ro /",
    );
    assert!(!machine.run("touch /etc/new").status.success(), "the root is read-only");
    machine.does("systemctl start linekey");
    assert_eq!(machine.does("curl -sSf http://localhost:8080/healthz"), "ok");
}

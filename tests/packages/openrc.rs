//! The script for OpenRC, run by Debian's OpenRC on a machine of the test's own (`own_openrc`). Wants root, and the
//! packages that `.ci/openrc` fetches.

use std::process::{Command, Stdio};

use crate::left_out::left_out;
use crate::machine::{has, is_root, root, slim};
use crate::program::Folder;

/// What its commands say, on both streams.
fn on_a_machine(commands: &str) -> Option<String> {
    let packages = root().join("target/tools/openrc");
    if !packages.is_dir() {
        left_out("OpenRC is not there; .ci/openrc fetches it");
        return None;
    }
    if !is_root()
        || !["unshare", "ip", "dpkg-deb", "useradd", "curl"]
            .iter()
            .all(|program| has(program))
    {
        return None;
    }
    let folder = Folder::new();
    let done = Command::new("unshare")
        .args([
            "--fork",
            "--kill-child",
            "--pid",
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "bash",
        ])
        .arg(root().join("tests/packages/own_openrc"))
        .args([folder.path(), &packages, &slim()])
        .arg(format!("exec 2>&1\n{commands}"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{said}");
    Some(said)
}

#[test]
fn openrc_starts_it_as_its_own_user_with_the_owners_flags_reloads_supervises_and_stops_it() {
    let said = on_a_machine(
        "printf 'LINEKEY_HTTP=127.0.0.1:8099\\n' >/etc/conf.d/linekey
         rc-service linekey start
         asks() { curl -sS --retry 50 --retry-delay 0 --retry-connrefused --max-time 20 http://localhost:8099/healthz; }
         asks
         rc-service linekey status
         echo \"modes $(stat -c '%U %a' /var/lib/linekey /var/log/linekey.log | xargs)\"
         first=$(pgrep -x linekey)
         echo \"rights $(grep -E 'NoNewPrivs|CapEff' /proc/$first/status | tr -d '\\t' | xargs)\"
         rc-service linekey reload
         until grep -q 'told to reload' /var/log/linekey.log; do :; done
         test \"$(pgrep -x linekey)\" = \"$first\"
         grep -c 'password  ' /var/log/linekey.log
         # Killed, it is started again, and the office is the same.
         sum=$(sha256sum /var/lib/linekey/linekey.key)
         kill -KILL \"$first\"
         until pgrep -x linekey | grep -qv \"^$first$\"; do :; done
         asks
         test \"$(sha256sum /var/lib/linekey/linekey.key)\" = \"$sum\"
         rc-service linekey stop
         ! pgrep -x linekey
         rc-service linekey status || echo \"status $?\"",
    );
    let Some(said) = said else { return };
    for words in [
        "status: started",
        "modes linekey 700 linekey 600",
        "rights CapEff:0000000000000000 NoNewPrivs:1",
        "\n1\n",
        "status: stopped",
        "status 3",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(said.matches("ok\n").count(), 2, "{said}");
    assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}");
}

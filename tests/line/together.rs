//! Three desk phones of one extension, held and transferred calls, and linphone with SHA-256.

use std::process::{Child, Command, Stdio};

use crate::house::wait_for;
use crate::line::{DOMAIN, Device, Line, has};
use crate::phone::{Over, Phone};
use crate::program::Folder;

#[test]
fn of_three_phones_that_ring_one_answers_and_the_others_are_told_so() {
    if !has("baresip") {
        return;
    }
    for over in Over::ALL {
        let mut line = Line::on();
        let anna = line.device("101");
        let mut anna = Phone::registered(&line, &anna, over);
        let [mut first, mut second, mut third] = [(); 3].map(|()| {
            let device = line.device("102");
            Phone::registered(&line, &device, over)
        });
        anna.call("102");
        for phone in [&mut first, &mut second, &mut third] {
            phone.wait("CALL_INCOMING");
        }
        second.say("accept", "");
        anna.wait("CALL_ESTABLISHED");
        second.wait("CALL_ESTABLISHED");
        for phone in [&mut first, &mut third] {
            phone.wait("CALL_CLOSED");
            let log = phone.log();
            let cancel = log.split("CANCEL sip:").nth(1).expect("a CANCEL");
            assert!(
                cancel.contains("Reason: SIP;cause=200;text=\"Call completed elsewhere\""),
                "{cancel}"
            );
        }
        assert!(!second.heard("CALL_CLOSED"));
        anna.say("hangup", "");
        second.wait("CALL_CLOSED");
    }
}

#[test]
fn a_call_is_held_and_taken_back() {
    if !has("baresip") {
        return;
    }
    for over in Over::ALL {
        let mut line = Line::on();
        let [mut anna, mut bert] = ["101", "102"].map(|extension| {
            let device = line.device(extension);
            Phone::registered(&line, &device, over)
        });
        talk(&mut anna, &mut bert);
        anna.say("hold", "");
        wait_for("the hold", || bert.log().contains("a=sendonly").then_some(()));
        let held = bert.log().len();
        anna.say("resume", "");
        wait_for("the call again", || {
            bert.log().get(held..)?.contains("a=sendrecv").then_some(())
        });
        assert!(!anna.heard("CALL_CLOSED") && !bert.heard("CALL_CLOSED"));
        bert.say("hangup", "");
        anna.wait("CALL_CLOSED");
    }
}

#[test]
fn a_call_is_transferred_to_a_third_one() {
    if !has("baresip") {
        return;
    }
    for over in Over::ALL {
        let mut line = Line::on();
        let [mut anna, mut bert, mut carla] = ["101", "102", "103"].map(|extension| {
            let device = line.device(extension);
            Phone::registered(&line, &device, over)
        });
        talk(&mut anna, &mut bert);
        anna.say("transfer", &format!("sip:103@{DOMAIN}"));
        carla.wait("CALL_INCOMING");
        carla.say("accept", "");
        carla.wait("CALL_ESTABLISHED");
        bert.wait("CALL_ESTABLISHED");
        anna.wait("CALL_CLOSED");
        carla.say("hangup", "");
        carla.wait("CALL_CLOSED");
    }
}

fn talk(anna: &mut Phone, bert: &mut Phone) {
    anna.call("102");
    bert.wait("CALL_INCOMING");
    bert.say("accept", "");
    anna.wait("CALL_ESTABLISHED");
    bert.wait("CALL_ESTABLISHED");
}

/// linphone in a terminal, which answers by itself.
struct Linphone {
    child: Child,
    _folder: Folder,
}

impl Linphone {
    fn start(line: &Line, device: &Device, transport: &str) -> Self {
        let folder = Folder::new();
        let port = if transport == "tls" { line.sips } else { line.sip };
        let settings = format!(
            "[sip]\nauto_net_state_monitoring=0\nsip_port=-1\nsip_tcp_port=-1\nsip_tls_port=-1\nverify_server_certs=0\n\
             verify_server_cn=0\ndefault_proxy=0\n\
             [proxy_0]\nreg_proxy=<sip:127.0.0.1:{port};transport={transport}>\n\
             reg_route=<sip:127.0.0.1:{port};transport={transport};lr>\nreg_identity=sip:{extension}@{DOMAIN}\n\
             reg_expires=600\nreg_sendregister=1\npublish=0\n\
             [auth_info_0]\nusername={extension}\nuserid={username}\npasswd={secret}\nrealm={DOMAIN}\ndomain={DOMAIN}\n\
             algorithm=SHA-256\n",
            extension = device.extension,
            username = device.username,
            secret = device.secret,
        );
        std::fs::create_dir_all(folder.path().join(".local/share/linphone")).unwrap();
        let file = folder.file("linphonerc", &settings);
        let log = std::fs::File::create(folder.path().join("out.log")).unwrap();
        let child = Command::new("linphonec")
            .args(["-a", "-c", &file])
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, _folder: folder }
    }
}

impl Drop for Linphone {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn linphone_registers_with_sha_256_over_each_stream_and_is_called() {
    if !has("linphonec") || !has("baresip") {
        return;
    }
    for transport in ["tcp", "tls"] {
        let mut line = Line::on();
        let (anna, bert) = (line.device("101"), line.device_with("102", "SHA-256"));
        let mut anna = Phone::registered(&line, &anna, Over::Udp);
        let _linphone = Linphone::start(&line, &bert, transport);
        wait_for("linphone on the page", || line.is_registered(&bert).then_some(()));
        assert_eq!(line.show(&bert)["state"]["bindings"][0]["transport"], transport);
        anna.call("102");
        anna.wait("CALL_ESTABLISHED");
        anna.say("hangup", "");
        anna.wait("CALL_CLOSED");
    }
}

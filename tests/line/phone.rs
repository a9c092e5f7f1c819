//! baresip as a desk phone: one process with one account, told what to do over its control socket.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::wait_for;
use crate::line::{DOMAIN, Device, Line, free_port};
use crate::program::Folder;

pub struct Phone {
    child: Child,
    control: TcpStream,
    bytes: Vec<u8>,
    heard: Vec<Value>,
    folder: Folder,
    extension: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
    Tls,
}

impl Over {
    pub const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Tls];

    fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

impl Phone {
    /// A phone that is registered.
    pub fn registered(line: &Line, device: &Device, over: Over) -> Self {
        let phone = Self::start(line, device, over);
        // The event may come before the control socket is open; the log has it.
        wait_for("a registration", || phone.log().contains("200 OK").then_some(()));
        phone
    }

    /// A phone that is switched on.
    pub fn start(line: &Line, device: &Device, over: Over) -> Self {
        Self::start_with(line, device, over, "")
    }

    /// A phone over TLS that is switched on with the CAs in that file.
    pub fn start_trusting(line: &Line, device: &Device, authorities: &str) -> Self {
        Self::start_with(line, device, Over::Tls, &format!("sip_cafile {authorities}\n"))
    }

    fn start_with(line: &Line, device: &Device, over: Over, more: &str) -> Self {
        let folder = Folder::new();
        let (sip, control) = (free_port(), free_port());
        let port = if over == Over::Tls { line.sips } else { line.sip };
        let over = over.name();
        folder.file("config", &(config(sip, control, folder.path()) + more));
        folder.file("contacts", "");
        folder.file("uuid", &uuid(sip));
        let account = format!(
            "<sip:{extension}@{DOMAIN};transport={over}>;auth_user={username};auth_pass={secret};\
             outbound=\"sip:127.0.0.1:{port};transport={over};lr\";regint=60;answermode=manual;audio_codecs=pcmu\n",
            extension = device.extension,
            username = device.username,
            secret = device.secret,
        );
        folder.file("accounts", &account);
        std::fs::write(folder.path().join("tone.wav"), tone()).unwrap();
        let child = Command::new("baresip")
            // Each message goes to the log.
            .arg("-s")
            .arg("-f")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(folder.path().join("out.log")).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let control = wait_for("baresip's control socket", || {
            TcpStream::connect(("127.0.0.1", control)).ok()
        });
        control.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        Self {
            child,
            control,
            bytes: Vec::new(),
            heard: Vec::new(),
            folder,
            extension: device.extension.clone(),
        }
    }

    /// It hears and says nothing any more, and its sockets stay open.
    pub fn freeze(&self) {
        let frozen = Command::new("kill")
            .args(["-STOP", &self.child.id().to_string()])
            .status();
        assert!(frozen.unwrap().success());
    }

    /// Presses a key.
    pub fn say(&mut self, command: &str, words: &str) {
        let message = json!({ "command": command, "params": words, "token": "t" }).to_string();
        write!(self.control, "{}:{message},", message.len()).unwrap();
    }

    pub fn call(&mut self, extension: &str) {
        self.say("dial", &format!("sip:{extension}@{DOMAIN}"));
    }

    /// Waits for the next event of that kind, and forgets those before it.
    #[track_caller]
    pub fn wait(&mut self, kind: &str) -> Value {
        for _ in 0..400 {
            self.listen();
            if let Some(place) = self.heard.iter().position(|event| event["type"] == kind) {
                let event = self.heard[place].clone();
                self.heard.drain(..=place);
                return event;
            }
        }
        panic!(
            "{}: {kind} never came\n{:#?}\n{}",
            self.extension,
            self.heard,
            self.log()
        );
    }

    /// Whether an event of that kind came, as far as is heard by now.
    pub fn heard(&mut self, kind: &str) -> bool {
        self.listen();
        self.heard.iter().any(|event| event["type"] == kind)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("out.log")).unwrap_or_default()
    }

    fn listen(&mut self) {
        let mut piece = [0; 4096];
        if let Ok(length @ 1..) = self.control.read(&mut piece) {
            self.bytes.extend_from_slice(&piece[..length]);
        }
        while let Some(colon) = self.bytes.iter().position(|byte| *byte == b':') {
            let length: usize = std::str::from_utf8(&self.bytes[..colon]).unwrap().parse().unwrap();
            let end = colon + 1 + length;
            if self.bytes.len() <= end {
                return;
            }
            self.heard
                .push(serde_json::from_slice(&self.bytes[colon + 1..end]).unwrap());
            self.bytes.drain(..=end);
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn config(sip: u16, control: u16, folder: &Path) -> String {
    let folder = folder.display();
    let mut text = format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{sip}\ncall_local_timeout 30\ncall_max_calls 1\n\
         audio_path /usr/share/baresip\naudio_source aufile,{folder}/tone.wav\nausrc_srate 8000\nauplay_srate 8000\n\
         ausrc_channels 1\nauplay_channels 1\nnet_interface 127.0.0.1\nmodule_path /usr/lib/baresip/modules\n"
    );
    for module in [
        "module g711.so",
        "module aufile.so",
        "module_tmp uuid.so",
        "module_tmp account.so",
    ] {
        writeln!(text, "{module}").unwrap();
    }
    write!(
        text,
        "module_app ctrl_tcp.so\nmodule_app menu.so\nctrl_tcp_listen 127.0.0.1:{control}\n"
    )
    .unwrap();
    text
}

fn uuid(number: u16) -> String {
    format!("8b2f5f6c-1d0e-4c0a-9a57-0000000{number:05}")
}

/// 30 seconds of 440 Hz: 8,000 samples of 16 bits a second.
fn tone() -> Vec<u8> {
    let samples = 30 * 8000_u32;
    let mut wave = Vec::new();
    wave.extend_from_slice(b"RIFF");
    wave.extend_from_slice(&(36 + samples * 2).to_le_bytes());
    wave.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    wave.extend_from_slice(&(samples * 2).to_le_bytes());
    for sample in 0..samples {
        let level = (f64::from(sample) * 440.0 * std::f64::consts::TAU / 8000.0).sin() * 9000.0;
        wave.extend_from_slice(&(level as i16).to_le_bytes());
    }
    wave
}

//! A log server in every mood, by sockets of the test's own, and Debian's rsyslog: what it gets, and that nobody waits
//! for one that is away (trouble D13).

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_rustls::TlsAcceptor;
use futures_rustls::rustls::ServerConfig;
use futures_rustls::rustls::crypto::ring::default_provider;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use smol::Async;
use smol::io::AsyncReadExt;

use crate::house::{House, PASSWORD, ask, wait_for};
use crate::left_out::left_out;
use crate::program::{Folder, Program};

/// A certificate that signs itself, for `localhost`.
struct Identity {
    pem: String,
    der: Vec<u8>,
    key: KeyPair,
}

impl Identity {
    fn new(is_expired: bool) -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        if is_expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();
        let (pem, der) = (made.pem(), made.der().to_vec());
        Self { pem, der, key }
    }
}

/// A log server that notes each message.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

impl Noted {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn wait_for(&self, words: &str) -> String {
        let found = || self.all().into_iter().find(|line| line.contains(words));
        wait_for(words, found)
    }

    /// Takes connections for ever, and reads their messages (RFC 5425 §4.3), or an octet a second.
    fn serve(&self, listener: TcpListener, identity: &Identity, reads: bool) {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.der.clone().into()], key)
            .unwrap();
        let (acceptor, here) = (TlsAcceptor::from(Arc::new(config)), self.clone());
        std::thread::spawn(move || {
            smol::block_on(async {
                let listener = Async::new(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        continue;
                    };
                    if reads {
                        here.read(stream).await.ok();
                    } else {
                        let mut octet = [0];
                        while stream.read_exact(&mut octet).await.is_ok() {
                            smol::Timer::after(Duration::from_secs(1)).await;
                        }
                    }
                }
            });
        });
    }

    async fn read(&self, mut stream: futures_rustls::server::TlsStream<Async<TcpStream>>) -> std::io::Result<()> {
        loop {
            let (mut length, mut letter) = (0, [0]);
            loop {
                stream.read_exact(&mut letter).await?;
                match letter {
                    [digit @ b'0'..=b'9'] => length = length * 10 + usize::from(digit - b'0'),
                    [b' '] => break,
                    other => panic!("no length of a message: {other:?}"),
                }
            }
            let mut message = vec![0; length];
            stream.read_exact(&mut message).await?;
            self.0.lock().unwrap().push(String::from_utf8(message).unwrap());
        }
    }
}

fn by_tls(port: u16, pem: &str) -> Value {
    json!({ "server": "localhost", "port": port, "transport": "tls", "roots": pem })
}

fn set(house: &mut House, syslog: Value) {
    house.ask("PUT", "/api/syslog", syslog).expect(200);
}

/// Writes a line into the journal.
fn change(house: &mut House, number: u32) {
    let body = json!({ "time_servers": format!("t{number}.example.org") });
    house.ask("PATCH", "/api/clock", body).expect(200);
}

fn missing(house: &mut House) -> Option<String> {
    let state = house.ask("GET", "/api/syslog", Value::Null).expect(200).json;
    state["missing_since"].as_u64()?;
    Some(state["said"].as_str().unwrap().to_owned())
}

/// KiB of the program in memory.
fn resident(house: &House) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", house.program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// The longest of twenty requests that write.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn slowest(house: &mut House) -> Duration {
    let one = |number| {
        let began = Instant::now();
        change(house, number);
        began.elapsed()
    };
    (0..20).map(one).max().unwrap()
}

#[test]
fn datagrams_carry_the_journal_and_no_secret() {
    let mut house = House::open(&[]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let port = socket.local_addr().unwrap().port();
    set(
        &mut house,
        json!({ "server": "127.0.0.1", "port": port, "transport": "udp" }),
    );
    change(&mut house, 7);
    let mut visitor = house.visitor();
    let wrong = json!({ "username": "admin", "password": "never right at all" });
    ask(
        house.program.port(),
        &mut visitor,
        "POST",
        "/api/sign-in/password",
        wrong,
    )
    .expect(401);
    let mut bytes = [0; 4096];
    let length = socket.recv(&mut bytes).unwrap();
    house.ask("DELETE", "/api/syslog", Value::Null).expect(204);
    let line = std::str::from_utf8(&bytes[..length]).unwrap();
    let fields: Vec<&str> = line.splitn(8, ' ').collect();
    assert_eq!(fields[0], "<85>1");
    assert!(fields[1].ends_with('Z') && fields[1].len() == 20, "{line}");
    assert_eq!(fields[2..7], ["localhost", "linekey", "-", "time-servers-changed", "-"]);
    assert!(
        fields[7].ends_with("t7.example.org") && fields[7].contains("admin"),
        "{line}"
    );
    for secret in [PASSWORD, "never right", "Cookie"] {
        assert!(!line.contains(secret), "{line}");
    }
    assert_eq!(
        house.ask("GET", "/api/syslog", Value::Null).expect(200).json["syslog"],
        Value::Null
    );
}

#[test]
fn a_stream_goes_on_after_the_server_was_away_and_says_how_many_lines_were_lost() {
    let mut house = House::open(&[]);
    let identity = Identity::new(false);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    set(&mut house, by_tls(port, &identity.pem));
    wait_for("that it is missing", || missing(&mut house));
    // More than are made up for. They wait in the journal, and take no memory.
    (0..100).for_each(|number| change(&mut house, number));
    let before = resident(&house);
    (100..1100).for_each(|number| change(&mut house, number));
    let after = resident(&house);
    println!("resident with 100 lines that wait {before} KiB, with 1,100 {after} KiB");
    assert!(after < before + 4 * 1024, "{before} KiB, then {after} KiB");
    let noted = Noted::default();
    noted.serve(TcpListener::bind(("127.0.0.1", port)).unwrap(), &identity, true);
    noted.wait_for("t1099.example.org");
    wait_for("that it is reached", || missing(&mut house).is_none().then_some(()));
    let all = noted.all();
    assert!(
        all[0].contains("lines-lost") && all[0].ends_with(" 100 lines were lost"),
        "{}",
        all[0]
    );
    let journal: Vec<&String> = all
        .iter()
        .filter(|line| line.contains("time-servers-changed"))
        .collect();
    assert_eq!(journal.len(), 1000);
    assert!(journal[0].ends_with("t100.example.org"), "{}", journal[0]);
    change(&mut house, 7777);
    noted.wait_for("t7777.example.org");
    assert_eq!(
        house.ask("GET", "/api/syslog", Value::Null).expect(200).json["lost"],
        json!(100)
    );
}

/// A port on which nobody is let in: its queue is full, so that SYN goes unanswered.
fn silent() -> (u16, Vec<TcpStream>, rustix::fd::OwnedFd) {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
    let door = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&door, &"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap()).unwrap();
    listen(&door, 0).unwrap();
    let address = std::net::SocketAddr::try_from(getsockname(&door).unwrap()).unwrap();
    let mut inside = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
        inside.push(stream);
        assert!(inside.len() < 16, "the queue is never full");
    }
    (address.port(), inside, door)
}

#[test]
fn nobody_waits_for_a_log_server_in_any_mood_and_it_is_told_that_it_is_not_reached() {
    let mut house = House::open(&[]);
    let (well, expired) = (Identity::new(false), Identity::new(true));
    let usual = slowest(&mut house);
    let (dropped, _inside, _door) = silent();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let old = TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let (of_mute, of_old, of_deaf) = (port(&mute), port(&old), port(&deaf));
    Noted::default().serve(old, &expired, true);
    Noted::default().serve(deaf, &well, false);
    let unknown = json!({ "server": "nobody.invalid", "port": 6514, "transport": "tls", "roots": well.pem });
    let moods = [
        ("its name is unknown", unknown, Some("nobody.invalid is not found")),
        ("its port is closed", by_tls(closed, &well.pem), Some("refused")),
        ("SYN goes unanswered", by_tls(dropped, &well.pem), Some("timed out")),
        (
            "it does not greet",
            by_tls(of_mute, &well.pem),
            Some("did not answer in time"),
        ),
        (
            "its certificate has expired",
            by_tls(of_old, &expired.pem),
            Some("xpired"),
        ),
        ("it reads an octet a second", by_tls(of_deaf, &well.pem), None),
    ];
    for (mood, syslog, said) in moods {
        set(&mut house, syslog);
        let slow = slowest(&mut house);
        println!("{mood}: {slow:?} at most, without a log server {usual:?}");
        assert!(
            slow < usual * 3 + Duration::from_millis(500),
            "{mood}: {slow:?} instead of {usual:?}"
        );
        if let Some(said) = said {
            let told = wait_for(mood, || missing(&mut house));
            assert!(told.contains(said), "{mood}: {told}");
        }
    }
    house.ask("DELETE", "/api/syslog", Value::Null).expect(204);
    assert_eq!(missing(&mut house), None);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn a_start_waits_for_no_log_server() {
    let mut house = House::open(&[]);
    let (port, _inside, _door) = silent();
    set(&mut house, by_tls(port, &Identity::new(false).pem));
    let data = house.folder.data();
    house.program.signal("TERM");
    let House {
        program,
        folder: _folder,
        ..
    } = house;
    let (status, took, _) = program.ended();
    assert!(status.success() && took < Duration::from_secs(2), "{status} {took:?}");
    let began = Instant::now();
    let program = Program::start(&["--data", &data, "--http", "127.0.0.1:0"]);
    println!("ready after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(program);
}

/// Debian's rsyslog with files of the test's own. Killed when dropped.
struct Rsyslog(Child);

impl Drop for Rsyslog {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn rsyslog(folder: &Path, identity: &Identity, port: u16) -> Option<Rsyslog> {
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(at("cert.pem"), &identity.pem).unwrap();
    std::fs::write(at("key.pem"), identity.key.serialize_pem()).unwrap();
    let configuration = format!(
        r#"global(workDirectory="{work}" DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="{cert}"
        DefaultNetstreamDriverCertFile="{cert}" DefaultNetstreamDriverKeyFile="{key}")
module(load="imudp")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imudp" address="127.0.0.1" port="{port}")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="parsed" type="string" string="%protocol-version%|%pri-text%|%hostname%|%app-name%|%msgid%|%msg%\n")
action(type="omfile" file="{out}" template="parsed")
"#,
        work = folder.display(),
        cert = at("cert.pem"),
        key = at("key.pem"),
        out = at("out"),
    );
    std::fs::write(at("rsyslog.conf"), configuration).unwrap();
    let mut command = Command::new("rsyslogd");
    command.args(["-n", "-f", &at("rsyslog.conf"), "-i", &at("pid")]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let said = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || said.lines().for_each(drop));
    Some(Rsyslog(child))
}

#[test]
fn rsyslog_reads_every_field_by_datagrams_and_by_tls() {
    let folder = Folder::new();
    let identity = Identity::new(false);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(_server) = rsyslog(folder.path(), &identity, port) else {
        left_out("Debian's packages rsyslog and rsyslog-gnutls are missing");
        return;
    };
    wait_for("rsyslog", || TcpStream::connect(("127.0.0.1", port)).ok());
    let out = folder.path().join("out");
    let written = |words: &str| {
        let mut text = String::new();
        std::fs::File::open(&out).ok()?.read_to_string(&mut text).ok()?;
        text.lines().find(|line| line.contains(words)).map(str::to_owned)
    };
    let mut house = House::open(&[]);
    let udp = json!({ "server": "127.0.0.1", "port": port, "transport": "udp" });
    for (number, syslog) in [(1, udp), (2, by_tls(port, &identity.pem))] {
        set(&mut house, syslog);
        change(&mut house, number);
        let line = wait_for("the line", || written(&format!("t{number}.example.org")));
        assert!(
            line.starts_with("1|authpriv.notice|localhost|linekey|time-servers-changed|"),
            "{line}"
        );
        assert!(line.contains("admin") && line.contains("127.0.0.1"), "{line}");
    }
}

//! The world of these tests: a small application behind the edge, and clients that write raw bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use linekey::http::edge::application::Application;
use linekey::http::edge::limits::Limits;
use linekey::http::edge::message::{Body, Receipt, Request, Response, StatusCode};
use linekey::http::edge::server::{ALPN, Door, Edge};
use linekey::net::certificates::Certificates;
use linekey::net::limits as doors;
use linekey::net::listener::Doors;
use linekey::net::stop::{Stop, Stopper};
use linekey::net::tls::Tls;
use linekey::rules::time::Date;
use rustix::net::{AddressFamily, SocketType};
use smol::Executor;
use smol::net::TcpListener;

use crate::wait::wait_for;

/// The appliance's limits, with times short enough for a test.
pub(crate) fn short() -> Limits {
    Limits {
        head_time: Duration::from_millis(300),
        body_time: Duration::from_millis(300),
        idle: Duration::from_millis(600),
        doors: doors::Limits {
            handshake: Duration::from_millis(300),
            ..doors::Limits::appliance()
        },
        linger: Duration::from_millis(300),
        ..Limits::appliance()
    }
}

/// The date of every answer: 2026-11-23T08:00:00Z.
const MORNING: u64 = 1_795_420_800;

pub(crate) struct House {
    pub(crate) address: SocketAddr,
    /// How many requests reached the application.
    pub(crate) reached: Arc<AtomicUsize>,
    /// Whether each answer that wanted to know came through.
    pub(crate) receipts: Receiver<bool>,
    stopper: Stopper,
    serving: JoinHandle<()>,
}

impl House {
    pub(crate) fn open(limits: Limits) -> Self {
        Self::with_door(limits, Door::Plain)
    }

    pub(crate) fn secure(limits: Limits, certificate: &Path, key: &Path) -> (Self, Certificates) {
        let certificates = Certificates::open(certificate, key).unwrap();
        let tls = Tls::new(&certificates, ALPN).unwrap();
        (Self::with_door(limits, Door::Tls(tls)), certificates)
    }

    fn with_door(limits: Limits, door: Door) -> Self {
        let (stopper, stop) = Stopper::new();
        let reached = Arc::new(AtomicUsize::new(0));
        let listener = smol::block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (told, receipts) = std::sync::mpsc::channel();
        let app = app(Arc::clone(&reached), told);
        let serving = std::thread::spawn(move || serve(listener, door, app, limits, stop));
        Self {
            address,
            reached,
            receipts,
            stopper,
            serving,
        }
    }

    pub(crate) fn call(&self) -> Client<TcpStream> {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Client {
            stream,
            got: Vec::new(),
        }
    }

    /// The same from 127.0.0.`host`.
    pub(crate) fn call_from(&self, host: u8) -> Client<TcpStream> {
        let stream = from(Ipv4Addr::new(127, 0, 0, host), self.address);
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Client {
            stream,
            got: Vec::new(),
        }
    }

    /// One request on a line of its own; all that came back until the server closed.
    pub(crate) fn ask(&self, request: &str) -> String {
        let mut client = self.call();
        client.say(request);
        client.rest()
    }

    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }

    /// Waits until so many requests are with the application.
    pub(crate) fn until_reached(&self, count: usize) {
        wait_for("the requests", || (self.reached() >= count).then_some(()));
    }

    /// Stops, and waits until all have left.
    pub(crate) fn close(self) {
        self.stopper.stop();
        self.serving.join().unwrap();
    }

    pub(crate) fn stop_soon(&self) {
        self.stopper.clone().stop();
    }
}

fn serve(listener: TcpListener, door: Door, app: Box<Application>, limits: Limits, stop: Stop) {
    let executor = Arc::new(Executor::new());
    let doors = Doors::new(Arc::clone(&executor), limits.doors.clone(), stop);
    let edge = Edge::dated(
        app,
        limits,
        doors,
        Box::new(|| Some(Date(MORNING))),
        Box::new(|| Some("max-age=15552000")),
    );
    smol::block_on(executor.run(edge.serve(listener, door)));
}

fn app(reached: Arc<AtomicUsize>, told: Sender<bool>) -> Box<Application> {
    // The application is shared by all connections, and a sender is not.
    let told = Mutex::new(told);
    Box::new(move |request| {
        reached.fetch_add(1, Ordering::SeqCst);
        let told = told.lock().unwrap().clone();
        Box::pin(async move {
            let wants_to_know = request.path == "/receipt";
            let mut response = answer(request).await;
            response.receipt =
                wants_to_know.then(|| Receipt::new(move |came_through| told.send(came_through).unwrap()));
            Ok(response)
        })
    })
}

fn ok(body: impl Into<Body>) -> Response {
    Response::new(StatusCode::OK).with_body(body)
}

async fn answer(request: Request) -> Response {
    let field = |name: &str| request.field(name).unwrap_or_default().to_owned();
    // As the appliance's own router does.
    let method = request.method.as_str().replace("HEAD", "GET");
    match (method.as_str(), request.path.as_str()) {
        ("GET", "/") => ok("hello"),
        ("GET", "/receipt") => ok(vec![b'x'; 4_000]),
        ("GET", "/known") => Response {
            known: true,
            ..ok("hello")
        },
        ("OPTIONS", "*") => Response::new(StatusCode::NO_CONTENT),
        ("POST", "/echo") => ok(request.body),
        ("POST", "/length") => ok(request.body.len().to_string()),
        ("GET", "/peer") => ok(format!("{} {}", request.peer.address.ip(), request.peer.secure)),
        ("GET", "/host") => ok(format!("{} http://localhost{}", field("host"), request.target())),
        ("GET", "/field") => ok(field("x-name")),
        ("GET", "/slow") => {
            smol::Timer::after(Duration::from_millis(400)).await;
            ok("at last")
        }
        ("GET", "/never") => smol::future::pending().await,
        ("GET", "/nothing") => Response::new(StatusCode::NO_CONTENT),
        ("GET", "/unchanged") => Response::new(StatusCode::NOT_MODIFIED),
        ("GET", "/large") => ok(vec![b'x'; 1_000_000]),
        ("GET", "/chunks") => ok(Body::live(Words(vec!["one", "two", "three"]))),
        ("GET", "/live") => ok(Body::live(Silent)),
        ("GET", "/short") => ok(Body::Reader {
            reader: Box::pin(smol::io::Cursor::new("abc")),
            length: Some(10),
        }),
        ("GET", "/split") => {
            let mut response = ok("no");
            response.set_field("x-name", "a\r\nset-cookie: theirs");
            response
        }
        ("GET", "/asset") => {
            let mut response = ok("asset");
            response.set_field("cache-control", "immutable");
            response
        }
        _ => Response::new(StatusCode::NOT_FOUND),
    }
}

/// A body of unknown length that gives one word at a time.
struct Words(Vec<&'static str>);

impl smol::io::AsyncRead for Words {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        room: &mut [u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        if self.0.is_empty() {
            return std::task::Poll::Ready(Ok(0));
        }
        let word = self.0.remove(0).as_bytes();
        room[..word.len()].copy_from_slice(word);
        std::task::Poll::Ready(Ok(word.len()))
    }
}

/// A live stream with nothing to tell.
struct Silent;

impl smol::io::AsyncRead for Silent {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut [u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::task::Poll::Pending
    }
}

pub(crate) struct Client<S> {
    pub(crate) stream: S,
    pub(crate) got: Vec<u8>,
}

impl Client<TcpStream> {
    /// Says that no more will come, and keeps listening.
    pub(crate) fn half_close(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }
}

/// A connection from that address of this machine.
fn from(source: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &SocketAddr::from((source, 0))).unwrap();
    rustix::net::connect(&socket, &to).unwrap();
    TcpStream::from(socket)
}

impl<S: Read + Write> Client<S> {
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        // The server may have refused and closed already; what it said is still to be read.
        self.stream.write_all(bytes.as_ref()).ok();
        self.stream.flush().ok();
    }

    /// Everything until the server closes. A reset in place of a close is a failure.
    pub(crate) fn rest(&mut self) -> String {
        match self.stream.read_to_end(&mut self.got) {
            Ok(_) => String::from_utf8(std::mem::take(&mut self.got)).unwrap(),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                String::from_utf8(std::mem::take(&mut self.got)).unwrap()
            }
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&self.got)),
        }
    }

    /// One answer with a length, head and body; what follows stays for the next call.
    pub(crate) fn answer(&mut self) -> String {
        let answer = self.try_answer();
        answer.unwrap_or_else(|| panic!("no answer, only {:?}", String::from_utf8_lossy(&self.got)))
    }

    /// The same; nothing, where the server closes or resets instead.
    pub(crate) fn try_answer(&mut self) -> Option<String> {
        loop {
            let text = String::from_utf8_lossy(&self.got).into_owned();
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |digits| digits.parse().unwrap());
                if rest.len() >= length {
                    let end = head.len() + 4 + length;
                    self.got.drain(..end);
                    return Some(text[..end].to_owned());
                }
            }
            let mut some = [0; 4096];
            match self.stream.read(&mut some) {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.got.extend_from_slice(&some[..read]),
            }
        }
    }

    /// Waits until the server closes, which it must do without a word.
    pub(crate) fn is_closed_silently(&mut self) -> bool {
        let mut some = [0; 64];
        match self.stream.read(&mut some) {
            Ok(0) => true,
            Ok(_) => false,
            Err(error) => matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof),
        }
    }
}

pub(crate) fn status(answer: &str) -> u16 {
    let digits = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    digits
        .unwrap_or_else(|| panic!("not an answer: {answer:?}"))
        .parse()
        .unwrap()
}

pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

pub(crate) fn has(answer: &str, field: &str) -> bool {
    answer
        .split_once("\r\n\r\n")
        .unwrap()
        .0
        .lines()
        .any(|line| line == field)
}

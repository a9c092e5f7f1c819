//! The world of these tests: a small application behind the edge, and clients that write raw bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use linekey::http::edge::server::{Door, Edge, Peer, Stop, Stopper};
use linekey::net::certificates::Tls;
use linekey::net::limits::Limits;
use smol::Executor;
use smol::io::AsyncBufRead;
use smol::net::TcpListener;
use tide::http::Body;
use tide::{Request, Response};

/// The appliance's limits, with times short enough for a test.
pub(crate) fn short() -> Limits {
    Limits {
        head_time: Duration::from_millis(300),
        body_time: Duration::from_millis(300),
        idle: Duration::from_millis(600),
        handshake: Duration::from_millis(300),
        linger: Duration::from_millis(300),
        ..Limits::appliance()
    }
}

pub(crate) struct House {
    pub(crate) address: SocketAddr,
    /// How many requests reached the application.
    pub(crate) reached: Arc<AtomicUsize>,
    stopper: Stopper,
    serving: JoinHandle<()>,
}

impl House {
    pub(crate) fn open(limits: Limits) -> Self {
        Self::with_door(limits, Door::Plain)
    }

    pub(crate) fn secure(limits: Limits, certificate: &Path, key: &Path) -> (Self, Tls) {
        let tls = Tls::open(certificate, key).unwrap();
        (Self::with_door(limits, Door::Tls(tls.clone())), tls)
    }

    fn with_door(limits: Limits, door: Door) -> Self {
        let (stopper, stop) = Stopper::new();
        let reached = Arc::new(AtomicUsize::new(0));
        let listener = smol::block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let app = app(Arc::clone(&reached));
        let serving = std::thread::spawn(move || serve(listener, door, app, limits, stop));
        Self {
            address,
            reached,
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
        while self.reached() < count {
            std::thread::sleep(Duration::from_millis(1));
        }
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

fn serve(listener: TcpListener, door: Door, app: tide::Server<()>, limits: Limits, stop: Stop) {
    let executor = Arc::new(Executor::new());
    let edge = Edge::new(app, Arc::clone(&executor), limits, stop);
    smol::block_on(executor.run(edge.serve(listener, door)));
}

fn app(reached: Arc<AtomicUsize>) -> tide::Server<()> {
    let mut app = tide::new();
    app.with(tide::utils::Before(move |request: Request<()>| {
        let reached = Arc::clone(&reached);
        async move {
            reached.fetch_add(1, Ordering::SeqCst);
            request
        }
    }));
    app.at("/").get(|_| async { Ok("hello") });
    app.at("/echo")
        .post(|mut request: Request<()>| async move { request.body_string().await });
    app.at("/length")
        .post(|mut request: Request<()>| async move { Ok(request.body_bytes().await?.len().to_string()) });
    app.at("/peer").get(|request: Request<()>| async move {
        let peer = request.ext::<Peer>().unwrap();
        Ok(format!("{} {}", peer.address.ip(), peer.secure))
    });
    app.at("/host").get(|request: Request<()>| async move {
        Ok(format!(
            "{} {}",
            request.header("host").unwrap().as_str(),
            request.url()
        ))
    });
    app.at("/field").get(|request: Request<()>| async move {
        Ok(request
            .header("x-name")
            .map(|value| value.as_str().to_owned())
            .unwrap_or_default())
    });
    app.at("/slow").get(|_| async {
        smol::Timer::after(Duration::from_millis(400)).await;
        Ok("at last")
    });
    app.at("/never").get(|_| async {
        smol::future::pending::<()>().await;
        Ok("")
    });
    app.at("/nothing").get(|_| async { Ok(Response::new(204)) });
    app.at("/unchanged").get(|_| async { Ok(Response::new(304)) });
    app.at("/large")
        .get(|_| async { Ok(Body::from_bytes(vec![b'x'; 1_000_000])) });
    app.at("/chunks")
        .get(|_| async { Ok(Body::from_reader(Words(vec!["one", "two", "three"]), None)) });
    app.at("/live").get(|_| async { Ok(Body::from_reader(Silent, None)) });
    app.at("/short")
        .get(|_| async { Ok(Body::from_reader(smol::io::Cursor::new("abc"), Some(10))) });
    app.at("/split").get(|_| async {
        Ok(Response::builder(200)
            .header("x-name", "a\r\nset-cookie: theirs")
            .body("no")
            .build())
    });
    app.at("/asset").get(|_| async {
        Ok(Response::builder(200)
            .header("cache-control", "immutable")
            .body("asset")
            .build())
    });
    app
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

impl AsyncBufRead for Words {
    fn poll_fill_buf(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<&[u8]>> {
        unreachable!("the edge reads, it does not peek")
    }
    fn consume(self: std::pin::Pin<&mut Self>, _: usize) {}
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

impl AsyncBufRead for Silent {
    fn poll_fill_buf(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<&[u8]>> {
        std::task::Poll::Pending
    }
    fn consume(self: std::pin::Pin<&mut Self>, _: usize) {}
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
                    return text[..end].to_owned();
                }
            }
            let mut some = [0; 4096];
            match self.stream.read(&mut some) {
                Ok(0) | Err(_) => panic!("no answer, only {text:?}"),
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

//! A board that serves no office: a spare, or one that was replaced. Every request gets one page that says what it is,
//! with 503 (RFC 9110 §15.6.4), so that nobody takes it for the board.

use std::net::TcpListener;
use std::sync::Arc;

use async_signal::{Signal, Signals};
use smol::channel::Receiver;
use smol::future::Boxed;
use smol::stream::StreamExt;
use smol::{Async, Executor};

use super::manager::Manager;
use super::serve::work;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::machine::Again;
use crate::http::edge::limits::Limits;
use crate::http::edge::message::{Body, Method, Request, Response, StatusCode};
use crate::http::edge::server::{Door, Edge};
use crate::http::front::assets;
use crate::net::listener::Doors;
use crate::net::stop::Stopper;

/// What its pages may do: no script, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Answers what is asked of a closed board.
pub(in crate::appliance) trait Answers: Send + Sync + 'static {
    /// The word that `/healthz` says.
    fn health(&self) -> &'static str;

    /// The page's marks and what stands in their place; it is escaped.
    fn marks(&self) -> Vec<(&'static str, String)>;

    /// Somebody sent the page's form: what they typed. What happened, for the page.
    fn pressed(&self, typed: &str) -> String;
}

/// Serves that until it is told to stop or to begin anew. SIGHUP is handed to `hup`.
pub(in crate::appliance) fn keep(
    page: &'static str,
    answers: Arc<dyn Answers>,
    listeners: Vec<(TcpListener, Door)>,
    beside: Vec<Boxed<()>>,
    (again, hup): (Receiver<Again>, Box<dyn Fn() + Send>),
    manager: &Arc<Manager>,
) -> Result<Option<Again>, CannotStart> {
    let executor: Arc<Executor<'static>> = Arc::default();
    let (stopper, stop) = Stopper::new();
    let limits = Limits::appliance();
    let shared = Doors::new(executor.clone(), limits.doors.clone(), stop);
    let application = move |request: Request| -> Boxed<_> {
        let answers = answers.clone();
        Box::pin(async move { Ok(smol::unblock(move || answer(page, answers.as_ref(), &request)).await) })
    };
    let edge = Edge::new(Box::new(application), limits, shared);
    let mut doors: Vec<Boxed<()>> = Vec::new();
    for (listener, door) in listeners {
        doors.push(Box::pin(edge.clone().serve(Async::new(listener)?.into(), door)));
    }
    for task in beside {
        executor.spawn(task).detach();
    }
    let mut signals = Signals::new([Signal::Term, Signal::Int, Signal::Hup])?;
    let told = async {
        while let Some(Ok(Signal::Hup)) = signals.next().await {
            hup();
        }
        manager.stopping();
        None
    };
    let asked = async { again.recv().await.ok() };
    manager.ready(page);
    work(&executor, doors, smol::future::or(told, asked), stopper, manager)
}

fn answer(page: &str, answers: &dyn Answers, request: &Request) -> Response {
    if let Some(asset) = assets::file(&request.path).filter(|_| request.method != Method::POST) {
        let mut response = Response::new(StatusCode::OK).with_body(Body::from(asset.raw));
        response.set_field("content-type", asset.kind);
        return response;
    }
    let mut response = Response::new(StatusCode::SERVICE_UNAVAILABLE);
    response.set_field("cache-control", "no-store");
    response.set_field("retry-after", "60");
    response.set_field("x-content-type-options", "nosniff");
    response.set_field("referrer-policy", "no-referrer");
    if request.path == "/healthz" {
        response.set_field("content-type", "text/plain; charset=utf-8");
        return response.with_body(format!("{}\n", answers.health()));
    }
    let said = if request.method == Method::POST && request.path == "/take-over" {
        answers.pressed(&typed(&request.body))
    } else {
        String::new()
    };
    let Some(asset) = assets::page(page) else {
        return response;
    };
    let mut text = String::from_utf8_lossy(asset.raw).into_owned();
    let hidden = if said.is_empty() { "hidden" } else { "" };
    let marks = [("[[said]]", said), ("[[unsaid]]", hidden.to_owned())];
    for (mark, value) in answers.marks().into_iter().chain(marks) {
        text = text.replace(mark, &escaped(&value));
    }
    response.set_field("content-type", "text/html; charset=utf-8");
    response.set_field("content-security-policy", POLICY);
    response.with_body(text)
}

/// The value of the form's one field, `code=…` (application/x-www-form-urlencoded); the codes need no escapes.
fn typed(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let field = text.split('&').find_map(|pair| pair.strip_prefix("code="));
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    field
        .unwrap_or_default()
        .chars()
        .filter(|c| plain(*c))
        .take(64)
        .collect()
}

fn escaped(text: &str) -> String {
    let known = [
        ('&', "&amp;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
        ('\'', "&#39;"),
    ];
    text.chars().fold(String::new(), |mut out, c| {
        match known.iter().find(|(odd, _)| *odd == c) {
            Some((_, entity)) => out.push_str(entity),
            None => out.push(c),
        }
        out
    })
}

//! The one place that meets tide: its router finds the row for a method and a path. Requests and answers travel through
//! it as they are, beside a bare request of its own that has a method and an address alone.

use std::sync::{Arc, Mutex, PoisonError};

use tide::http::{self, Url};

use super::route::Route;
use super::{dispatch, reply};
use crate::http::edge::application::Application;
use crate::http::edge::limits::PHONES;
use crate::http::edge::message::{Method, Request, Response, StatusCode};
use crate::http::edge::wire::bad::Bad;
use crate::office::Shared;

/// Something that goes through tide without being looked at, and is taken out once.
struct Parcel<T>(Mutex<Option<T>>);

impl<T> Parcel<T> {
    fn of(content: T) -> Self {
        Self(Mutex::new(Some(content)))
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The application: every row of the table behind tide's router.
pub fn application(office: Shared, routes: &'static [Route]) -> Box<Application> {
    let router = Arc::new(server(office, routes));
    Box::new(move |request| {
        let router = Arc::clone(&router);
        Box::pin(async move { respond(&router, request).await })
    })
}

fn server(office: Shared, routes: &'static [Route]) -> tide::Server<Shared> {
    let mut server = tide::with_state(office);
    for route in routes {
        let method = method(&route.method);
        server
            .at(route.path)
            .method(method, move |asked: tide::Request<Shared>| async move {
                let parts = named_parts(route, &asked);
                let Some(request) = taken(&asked) else {
                    return Ok(lost());
                };
                let office = asked.state().clone();
                Ok(carried(dispatch::answer(office, route, request, parts).await))
            });
    }
    for everywhere in ["/", "/*rest"] {
        server
            .at(everywhere)
            .all(move |asked: tide::Request<Shared>| async move {
                Ok(match taken(&asked) {
                    Some(request) => carried(dispatch::nowhere(asked.state(), routes, &request)),
                    None => lost(),
                })
            });
    }
    server
}

/// What OPTIONS may ask for besides addresses: the server as a whole (RFC 9110 §9.3.7).
const SERVER: &str = "*";
/// The methods that some address has.
const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

async fn respond(router: &tide::Server<Shared>, mut request: Request) -> Result<Response, Bad> {
    if request.path == SERVER {
        let mut response = Response::new(StatusCode::NO_CONTENT);
        response.set_field("allow", METHODS);
        return Ok(response);
    }
    let address = ["http://localhost", &request.target()].concat();
    let url = Url::parse(&address).map_err(|_| Bad::Target)?;
    // A phone's question that leads out of phones' files leads nowhere, and least of all to a page.
    if request.path.starts_with(PHONES) && !url.path().starts_with(PHONES) {
        return Ok(reply::gone());
    }
    // Whoever looks at the path later sees the one that was looked for: without dots, escaped where it must be.
    url.path().clone_into(&mut request.path);
    request.query = url.query().map(str::to_owned);
    // HEAD is answered as GET (RFC 9110 §9.3.2); the edge leaves the body out.
    let wanted = if request.method == Method::HEAD {
        &Method::GET
    } else {
        &request.method
    };
    let mut asked = http::Request::new(method(wanted), url);
    asked.ext_mut().insert(Parcel::of(request));
    let answered: http::Response = router.respond(asked).await.map_err(|_| Bad::Ours)?;
    let parcel = answered.ext().get::<Parcel<Response>>().and_then(Parcel::take);
    parcel.ok_or(Bad::Ours)
}

fn taken(asked: &tide::Request<Shared>) -> Option<Request> {
    asked.ext::<Parcel<Request>>().and_then(Parcel::take)
}

fn carried(response: Response) -> tide::Response {
    let mut answered = tide::Response::new(200);
    answered.insert_ext(Parcel::of(response));
    answered
}

/// Without a parcel: [`respond`] says that it is our fault.
fn lost() -> tide::Response {
    tide::Response::new(500)
}

/// What the path has where the row's has a colon or a star.
fn named_parts(route: &Route, asked: &tide::Request<Shared>) -> Vec<(String, String)> {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix([':', '*']));
    let part = |name: &str| Some((name.to_owned(), asked.param(name).ok()?.to_owned()));
    names.filter_map(part).collect()
}

fn method(method: &Method) -> http::Method {
    match *method {
        Method::DELETE => http::Method::Delete,
        Method::HEAD => http::Method::Head,
        Method::OPTIONS => http::Method::Options,
        Method::PATCH => http::Method::Patch,
        Method::POST => http::Method::Post,
        Method::PUT => http::Method::Put,
        _ => http::Method::Get,
    }
}

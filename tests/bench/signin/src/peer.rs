//! The peer: what one writes with webauthn-rs, axum and SQLite for durable passkey sign-ins, with care for speed.
//!
//!     bench-signin-peer ADDR:PORT FOLDER
//!
//! It does no more than a sign-in needs: begin keeps the challenge in memory; finish looks the passkey up, verifies,
//! and writes the session and the passkey's counter in one transaction (WAL, synchronous FULL). It has no journal, no
//! limit of sessions and no limits of requests, which Linekey has: so the comparison is in the peer's favour.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::BASE64URL_NOPAD;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, RequestChallengeResponse,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS passkey (
        id BLOB PRIMARY KEY, person BLOB NOT NULL, passkey TEXT NOT NULL, last_used INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS session (
        hash BLOB PRIMARY KEY, person BLOB NOT NULL, opened INTEGER NOT NULL, until INTEGER NOT NULL,
        browser TEXT NOT NULL
    ) WITHOUT ROWID;
";
/// Seconds that a session lives.
const SESSION: i64 = 30 * 86_400;

/// Work for the thread that owns the writing connection.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

struct Server {
    webauthn: Webauthn,
    asked: Mutex<HashMap<String, DiscoverableAuthentication>>,
    registering: Mutex<HashMap<String, (Uuid, PasskeyRegistration)>>,
    reader: Mutex<Connection>,
    writer: mpsc::Sender<Job>,
}

/// Whatever goes wrong is the client's fault here: a benchmark stops at the first answer that is not 200.
struct Failed(String);

impl<E: std::fmt::Debug> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(format!("{error:?}"))
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0).into_response()
    }
}

type Answer<T> = Result<T, Failed>;
type Shared = State<Arc<Server>>;

#[derive(Serialize)]
struct Asked<T> {
    ticket: String,
    #[serde(flatten)]
    options: T,
}

#[derive(Deserialize)]
struct Finish<T> {
    ticket: String,
    credential: T,
}

#[derive(Serialize)]
struct Next {
    next: &'static str,
}

impl Server {
    fn open(folder: &Path, origin: &str) -> Self {
        let file = folder.join("peer.sqlite");
        let open = || {
            let connection = Connection::open(&file).expect("the database opens");
            connection.execute_batch(SCHEMA).expect("the schema is made");
            connection
        };
        let (writer, jobs) = mpsc::channel::<Job>();
        let mut writing = open();
        std::thread::spawn(move || {
            for job in jobs {
                job(&mut writing);
            }
        });
        let origin = Url::parse(origin).expect("an origin");
        let builder = WebauthnBuilder::new("localhost", &origin).expect("a relying party");
        Self {
            webauthn: builder.build().expect("a relying party"),
            asked: Mutex::default(),
            registering: Mutex::default(),
            reader: Mutex::new(open()),
            writer,
        }
    }

    /// One transaction, durable before this answers.
    async fn write(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<()> + Send + 'static,
    ) -> Answer<()> {
        let (done, outcome) = oneshot::channel();
        self.writer.send(Box::new(move |connection| {
            let written = (|| {
                let transaction = connection.transaction()?;
                work(&transaction)?;
                transaction.commit()
            })();
            done.send(written).ok();
        }))?;
        Ok(outcome.await??)
    }

    fn passkey(&self, id: &[u8]) -> Answer<(Vec<u8>, Passkey)> {
        let reader = self.reader.lock()?;
        let mut found = reader.prepare_cached("SELECT person, passkey FROM passkey WHERE id = ?1")?;
        let row: Option<(Vec<u8>, String)> = found.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (person, passkey) = row.ok_or("an unknown passkey")?;
        Ok((person, serde_json::from_str(&passkey)?))
    }
}

fn random() -> Answer<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

fn now() -> Answer<i64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().try_into()?)
}

async fn begin(State(server): Shared) -> Answer<Json<Asked<RequestChallengeResponse>>> {
    let (options, state) = server.webauthn.start_discoverable_authentication()?;
    let ticket = random()?;
    server.asked.lock()?.insert(ticket.clone(), state);
    Ok(Json(Asked { ticket, options }))
}

async fn finish(State(server): Shared, Json(said): Json<Finish<PublicKeyCredential>>) -> Answer<Response> {
    let state = server.asked.lock()?.remove(&said.ticket).ok_or("a spent ticket")?;
    let (user, id) = server.webauthn.identify_discoverable_authentication(&said.credential)?;
    let (id, (person, mut passkey)) = (id.to_vec(), server.passkey(id)?);
    if user.as_bytes() != person.as_slice() {
        return Err("another's passkey".into());
    }
    let seen = server
        .webauthn
        .finish_discoverable_authentication_v2(&said.credential, state, &passkey)?;
    passkey.update_credential(&seen);
    let (token, now, kept) = (random()?, now()?, serde_json::to_string(&passkey)?);
    let hash = Sha256::digest(token.as_bytes()).to_vec();
    let written = server.write(move |transaction| {
        transaction
            .prepare_cached("UPDATE passkey SET passkey = ?2, last_used = ?3 WHERE id = ?1")?
            .execute(params![id, kept, now])?;
        transaction
            .prepare_cached("INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![hash, person, now, now + SESSION, "Firefox on Linux"])?;
        Ok(())
    });
    written.await?;
    let cookie = format!("peer={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SESSION}");
    Ok(([(header::SET_COOKIE, cookie)], Json(Next { next: "/home" })).into_response())
}

async fn register_begin(State(server): Shared) -> Answer<Json<Asked<CreationChallengeResponse>>> {
    let person = Uuid::from_bytes(BASE64URL_NOPAD.decode(random()?.as_bytes())?[..16].try_into()?);
    let (options, state) = server
        .webauthn
        .start_passkey_registration(person, "somebody", "Somebody", None)?;
    let ticket = random()?;
    server.registering.lock()?.insert(ticket.clone(), (person, state));
    Ok(Json(Asked { ticket, options }))
}

async fn register_finish(
    State(server): Shared,
    Json(said): Json<Finish<RegisterPublicKeyCredential>>,
) -> Answer<StatusCode> {
    let (person, state) = server
        .registering
        .lock()?
        .remove(&said.ticket)
        .ok_or("a spent ticket")?;
    let passkey = server.webauthn.finish_passkey_registration(&said.credential, &state)?;
    let (id, kept, now) = (passkey.cred_id().to_vec(), serde_json::to_string(&passkey)?, now()?);
    let written = server.write(move |transaction| {
        transaction
            .execute(
                "INSERT INTO passkey VALUES (?1, ?2, ?3, ?4)",
                params![id, person.as_bytes(), kept, now],
            )
            .map(drop)
    });
    written.await?;
    Ok(StatusCode::CREATED)
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, folder] = arguments.as_slice() else {
        panic!("usage: bench-signin-peer ADDR:PORT FOLDER");
    };
    let (_, port) = address.rsplit_once(':').expect("ADDR:PORT");
    let server = Arc::new(Server::open(Path::new(folder), &format!("http://localhost:{port}")));
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/api/sign-in/passkey/begin", post(begin))
        .route("/api/sign-in/passkey/finish", post(finish))
        .route("/api/me/passkeys/begin", post(register_begin))
        .route("/api/me/passkeys/finish", post(register_finish))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(server);
    let listener = tokio::net::TcpListener::bind(address).await.expect("the port is free");
    axum::serve(listener, routes).await.expect("it serves");
}

//! A browser of the one world, and the answers that it gets.

use std::net::{IpAddr, SocketAddr};

use linekey::http::edge::message::{Method, Request};
use linekey::net::peer::Peer;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::office::Office;

/// One browser: it keeps its cookie, and says where it comes from.
#[derive(Clone)]
pub struct Browser<'a> {
    pub office: &'a Office,
    pub address: IpAddr,
    pub secure: bool,
    pub cookie: Option<String>,
    /// What it says in `Accept-Language`.
    pub language: Option<&'static str>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub json: Value,
    pub bytes: Vec<u8>,
    pub(super) fields: Vec<(String, String)>,
}

impl Reply {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// Demands a refusal: this status and code, and a sentence.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, &self.json["error"]),
            (status, &json!(code)),
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        let sentence = self.json["message"].as_str().unwrap();
        assert!(
            sentence.ends_with('.') && sentence.len() > 10,
            "{sentence:?} is no sentence"
        );
        self
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

impl Browser<'_> {
    /// The request that this browser would send: JSON unless `body` is null.
    pub fn request(&self, method: Method, path: &str, body: &Value) -> Request {
        let reads = method == Method::GET;
        let mut request = Request::new(method, path, self.peer());
        let (_, host) = self.office.state.site.origin.split_once("://").unwrap();
        request.set_field("Host", host);
        request.set_field(
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        );
        if let Some(cookie) = &self.cookie {
            request.set_field("Cookie", format!("theme=dark; {cookie}"));
        }
        if let Some(language) = self.language {
            request.set_field("Accept-Language", language);
        }
        if !reads {
            request.set_field("Origin", &self.office.state.site.origin);
            request.set_field("Sec-Fetch-Site", "same-origin");
        }
        if !body.is_null() {
            request.body = body.to_string().into_bytes();
            request.set_field("Content-Type", "application/json");
        }
        request
    }

    /// Where it sits.
    pub fn peer(&self) -> Peer {
        Peer {
            address: SocketAddr::new(self.address, 50_000),
            secure: self.secure,
        }
    }

    pub fn send(&mut self, request: Request) -> Reply {
        let reply = self.office.respond(request, self.peer());
        if let Some(set) = reply.field("set-cookie") {
            let pair = set.split(';').next().unwrap();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        reply
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path, &Value::Null))
    }

    pub fn post(&mut self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path, &body))
    }

    pub fn patch(&mut self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path, &body))
    }

    pub fn delete(&mut self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path, &Value::Null))
    }

    pub fn sign_in_by_password(&mut self, username: &str, password: &str) -> Reply {
        self.post(
            "/api/sign-in/password",
            json!({ "username": username, "password": password }),
        )
    }

    pub fn sign_in_by_link(&mut self, token: &str) -> Reply {
        self.post("/api/sign-in/link", json!({ "token": token }))
    }

    /// The answer to "begin" at that path.
    pub fn asked(&mut self, path: &str) -> Value {
        self.post(path, json!({})).expect(200).json
    }

    /// With the authenticator's newest passkey.
    pub fn sign_in_by_passkey(&mut self, authenticator: &Authenticator) -> Reply {
        self.ceremony("/api/sign-in/passkey", |asked| authenticator.get(asked))
    }

    pub fn add_passkey(&mut self, authenticator: &mut Authenticator) -> Reply {
        self.ceremony("/api/me/passkeys", |asked| authenticator.create(asked))
    }

    pub fn prove_by_passkey(&mut self, authenticator: &Authenticator) -> Reply {
        self.ceremony("/api/me/proof/passkey", |asked| authenticator.get(asked))
    }

    fn ceremony(&mut self, at: &str, answer: impl FnOnce(&Value) -> Value) -> Reply {
        let asked = self.asked(&format!("{at}/begin"));
        let credential = answer(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        self.post(&format!("{at}/finish"), body)
    }
}

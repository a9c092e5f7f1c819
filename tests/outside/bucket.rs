//! A bucket over HTTPS: a real S3-compatible server behind nginx, whose certificate is trusted by the system's list or
//! by nobody.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::bucket_server::{ACCESS, SECRET, Server};
use crate::front::{CERTIFICATE, Front, free_port};
use crate::house::{House, wait_for};
use crate::program::{self, Folder};

const PASSPHRASE: &str = "four words on paper";

/// The bucket's server behind TLS, as `https://localhost:PORT`.
fn behind_tls(server: &Server) -> Front {
    let port = free_port();
    Front::nginx(
        port,
        &format!(
            "server {{ listen 127.0.0.1:{port} ssl; server_name localhost; {CERTIFICATE} client_max_body_size 0;
               location / {{ proxy_pass http://127.0.0.1:{}; proxy_set_header Host $http_host; \
               proxy_request_buffering off; proxy_http_version 1.1; }} }}",
            server.port
        ),
    )
}

fn wanted(server: &Server, front: &Front) -> Value {
    let mut bucket = server.bucket();
    bucket["endpoint"] = json!(format!("https://localhost:{}", front.port));
    json!({ "bucket": bucket, "every_hours": 24, "keep": 3, "passphrase": PASSPHRASE })
}

#[test]
fn backups_go_into_a_bucket_over_https_and_a_spare_fetches_them_from_there() {
    let Some(server) = Server::start() else { return };
    let (front, files) = (behind_tls(&server), Folder::new());
    let roots = [("SSL_CERT_FILE", files.file("roots.pem", &front.pem()))];
    let roots = roots.each_ref().map(|(name, file)| (*name, file.as_str()));
    let mut house = House::open_with(&[], &roots);
    house.ask("PUT", "/api/backups", wanted(&server, &front)).expect(200);
    let made = house.ask("POST", "/api/backups/make", Value::Null).expect(200).json;
    assert_eq!(made["state"], "fine", "{made}");
    let file = made["good"]["file"].as_str().unwrap();
    assert!(server.object(file).starts_with(b"linekey"), "not as it was written");

    let key = files.file("key", &format!("{ACCESS}\n{SECRET}\n"));
    let passphrase = files.file("passphrase", PASSPHRASE);
    let (board, place) = (
        Folder::new(),
        format!("https://localhost:{}/office/boards/ours", front.port),
    );
    let spare = program::command()
        .args(["--data", &board.data(), "--take-over", "--standby", &place])
        .args(["--bucket-key-file", &key, "--backup-passphrase-file", &passphrase])
        .envs(roots)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[spare.stdout, spare.stderr].concat()).into_owned();
    assert!(
        spare.status.success() && said.contains("takes over with the backup of"),
        "{said}"
    );

    // The server goes away under its board: told, and the last good one keeps its date.
    drop(front);
    let failed = wait_for("the failure", || {
        let made = house.ask("POST", "/api/backups/make", Value::Null).expect(200).json;
        (made["state"] == "failed").then_some(made)
    });
    assert_eq!(failed["good"]["file"], file);
}

#[test]
fn a_bucket_whose_certificate_nobody_trusts_is_refused_and_gets_no_secret() {
    let Some(server) = Server::start() else { return };
    let front = behind_tls(&server);
    let mut house = House::open(&[]);
    let refused = house
        .ask("PUT", "/api/backups", wanted(&server, &front))
        .expect(422)
        .json;
    let said = refused["message"].as_str().unwrap();
    assert!(said.contains("not trusted"), "{said}");
    assert_eq!(server.names(), [""; 0]);
    let state = house.ask("GET", "/api/backups", Value::Null).expect(200).json;
    assert_eq!(state["state"], "off");
}

//! How servers are spoken to, and how long they are waited for; the server is a thread that misbehaves as it is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::sleep;

use super::*;

const MOMENT: Duration = Duration::from_millis(1);

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A server that treats its callers like that; its port.
fn server(treat: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(|caller| treat(caller.unwrap())));
    port
}

/// What becomes of two letters to it; `None`: nothing was noted.
fn outcomes(port: u16, security: Security, patience: Patience, stop: impl Future<Output = ()>) -> Vec<Option<Unsent>> {
    let sender = Email::parse("pbx@example.org").unwrap();
    let relay = Relay {
        server: "127.0.0.1".to_owned(),
        port,
        security,
        login: None,
        sender: sender.clone(),
        roots: (security != Security::None).then(|| {
            let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
            made.unwrap().cert.pem()
        }),
    };
    let way = Way {
        relay: &relay,
        key: &SealKey::new([7; 32]),
        name: "pbx.example.org",
        patience,
    };
    let letter = || Outgoing {
        to: sender.clone(),
        message: b"Subject: x\r\n\r\ny\r\n".to_vec(),
    };
    let mut noted = vec![None, None];
    hand_over(&way, &[letter(), letter()], stop, &mut |place, outcome| {
        noted[place] = Some(outcome.err().unwrap_or(Unsent {
            said: "taken".to_owned(),
            lasting: false,
        }));
        ControlFlow::Continue(())
    });
    noted
}

const HURRIED: Patience = Patience {
    answer: Duration::from_millis(200),
    taken: Duration::from_millis(200),
    letter: Duration::from_secs(60),
    over: "too slow",
};

fn too_slow(noted: &[Option<Unsent>]) -> bool {
    noted.iter().all(|unsent| {
        unsent
            .as_ref()
            .is_some_and(|unsent| unsent.said == "too slow" && !unsent.lasting)
    })
}

#[test]
fn a_server_that_does_not_greet_is_left_after_one_answers_time() {
    for security in [Security::None, Security::StartTls] {
        let (callers, called) = mpsc::channel();
        let port = server(move |caller| callers.send(caller).unwrap());
        assert!(too_slow(&outcomes(port, security, HURRIED, std::future::pending())));
        assert_eq!(
            called.try_iter().count(),
            1,
            "what is alike for all letters is tried once"
        );
    }
}

#[test]
fn a_server_that_says_a_byte_now_and_then_is_left_when_the_letters_time_is_over() {
    // A greeting that never ends, or a TLS record that never does.
    let record: &[u8] = &[22, 3, 3, 0x40, 0];
    for (security, begun) in [
        (Security::None, b"220 ".as_slice()),
        (Security::StartTls, b"220 "),
        (Security::Tls, record),
    ] {
        let port = server(move |mut caller| {
            caller.write_all(begun).unwrap();
            while caller.write_all(&[2]).is_ok() {
                sleep(millis(20));
            }
        });
        let patience = Patience {
            letter: millis(300),
            answer: Duration::from_secs(60),
            ..HURRIED
        };
        let noted = outcomes(port, security, patience, std::future::pending());
        assert!(too_slow(&noted), "{security:?}: {noted:?}");
    }
}

#[test]
fn an_alert_is_told_in_plain_words() {
    for (alert, words) in [
        (40, "no cipher that both know"),
        (70, "old versions of TLS alone"),
        (80, "by an error of its own"),
        (112, "by the name 127.0.0.1"),
        (116, "wants a certificate from Linekey"),
        (10, "look into its log"),
    ] {
        let port = server(move |mut caller| {
            let mut hello = [0; 1024];
            assert!(caller.read(&mut hello).unwrap() > 5);
            caller.write_all(&[21, 3, 3, 0, 2, 2, alert]).unwrap();
        });
        let noted = outcomes(port, Security::Tls, HURRIED, std::future::pending());
        let said = &noted[0].as_ref().unwrap().said;
        assert!(said.starts_with("TLS: ") && said.contains(words), "{alert}: {said}");
    }
}

/// Answers as a server does, but for the end of a text only after that time.
fn slow_to_take(mut caller: TcpStream, time: Duration) {
    let mut heard = Vec::new();
    let say = |caller: &mut TcpStream, words: &str| caller.write_all(format!("{words}\r\n").as_bytes()).is_ok();
    say(&mut caller, "220 mail.example.org");
    let mut bytes = [0; 1024];
    while let Ok(length @ 1..) = caller.read(&mut bytes) {
        heard.extend_from_slice(&bytes[..length]);
        let answer = match &heard[..] {
            _ if heard.ends_with(b"\r\n.\r\n") => {
                sleep(time);
                "250 2.0.0 taken"
            }
            _ if heard.starts_with(b"Subject") => continue,
            _ if heard.starts_with(b"DATA") => "354 go on",
            _ => "250 OK",
        };
        heard.clear();
        say(&mut caller, answer);
    }
}

#[test]
fn a_server_that_looks_a_letter_over_for_long_takes_it_once() {
    let port = server(|caller| slow_to_take(caller, millis(600)));
    let patience = Patience {
        taken: Duration::from_secs(30),
        ..HURRIED
    };
    let noted = outcomes(port, Security::None, patience, std::future::pending());
    assert!(
        noted.iter().flatten().all(|unsent| unsent.said == "taken") && noted[1].is_some(),
        "{noted:?}"
    );
    let port = server(|caller| slow_to_take(caller, millis(600)));
    let noted = outcomes(port, Security::None, HURRIED, std::future::pending());
    assert!(too_slow(&noted), "{noted:?}");
}

#[test]
fn the_postman_waits_for_minutes_and_whoever_tries_a_server_out_is_answered_before_http_ends() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    // RFC 5321 §4.5.3.2.
    assert!(Patience::LONG.answer >= minutes(5) && Patience::LONG.taken >= minutes(10));
    assert!(Patience::LONG.letter >= Patience::LONG.answer + Patience::LONG.taken);
    let in_all = Patience::SHORT.letter + GOODBYE;
    assert!(in_all < minutes(1) && Patience::SHORT.over.contains("40 seconds"));
}

#[test]
fn a_server_that_hangs_is_left_soon_after_another_one_is_set() {
    let (callers, called) = mpsc::channel();
    let port = server(move |caller| callers.send(caller).unwrap());
    let noted = outcomes(port, Security::None, Patience::LONG, async { sleep(MOMENT) });
    assert_eq!(noted, [None, None], "they are for the other one");
    // Once for the letters, and once to see whether it waits for TLS.
    assert_eq!(called.try_iter().count(), 2);
}

#[test]
fn a_letter_under_way_is_finished_before_another_server_is_asked() {
    let port = server(|caller| slow_to_take(caller, millis(100)));
    let noted = outcomes(port, Security::None, Patience::LONG, std::future::ready(()));
    assert!(
        noted[0].as_ref().is_some_and(|unsent| unsent.said == "taken"),
        "{noted:?}"
    );
}

#[test]
fn we_are_called_by_a_whole_name_or_by_our_address() {
    let v4: IpAddr = "192.0.2.5".parse().unwrap();
    assert_eq!(called("pbx.example.org", v4), "pbx.example.org");
    assert_eq!(called("localhost", v4), "[192.0.2.5]");
    assert_eq!(called("pbx", "::ffff:192.0.2.5".parse().unwrap()), "[192.0.2.5]");
    assert_eq!(called("pbx", "2001:db8::5".parse().unwrap()), "[IPv6:2001:db8::5]");
}

//! Everything of the codec that strangers' bytes reach, and what must hold for any of them: what is taken can be
//! answered and passed on, and comes out as well-formed as it came in. For the tests and for the fuzz target.

use linekey::rules::time::Tick;
use linekey::sip::codec::{Draft, Edit, Escaped, Name, Request, Response, Stream, Stun, View};

/// Reads the bytes as a datagram and as a stream in two pieces. True: they are a well-formed message.
pub fn exercise(bytes: &[u8], split: usize) -> bool {
    let source = "192.0.2.7:1035".parse().unwrap();
    let _stun = Stun::read(bytes).and_then(|stun| stun.answer(source));
    let (one, two) = bytes.split_at(split.min(bytes.len()));
    let mut stream = Stream::new();
    for piece in [one, two] {
        stream.push(piece, Tick(1));
        for _ in 0..=bytes.len() {
            if !matches!(stream.frame(), Ok(Some(_))) {
                break;
            }
        }
    }
    let Ok(view) = View::read(bytes) else { return false };
    assert!(Escaped::new(bytes, 100).to_string().len() < 500);
    if view.is_response() {
        let Ok(response) = Response::parse(&view) else {
            return false;
        };
        let _contacts = response.contacts().is_ok() && response.record_routes().is_ok();
        return true;
    }
    let answer = Draft::response(&view, source, 400, "Bad Request", "t").finish();
    assert!(answer.len() < bytes.len() * 2 + 300);
    let Ok(request) = Request::parse(&view) else {
        return false;
    };
    let _read = (
        request.event().is_ok(),
        request.replaces().is_ok(),
        request.refer_to().is_ok(),
    );
    let _read = (
        request.reasons().is_ok(),
        request.subscription_state().is_ok(),
        request.record_routes().is_ok(),
    );
    let _read = (
        request.option_tags(Name::Supported).is_ok(),
        request.session_time(Name::SessionExpires).is_ok(),
    );
    let _credentials = request.credentials(Name::Authorization).filter(Result::is_ok).count();
    assert!(request.uri.is_same(&request.uri), "{}", request.uri.as_str());
    let answer = View::read(&answer).unwrap();
    let response = Response::parse(&answer).unwrap_or_else(|why| panic!("{why:?}: {}", Escaped::new(bytes, 4000)));
    assert_eq!((response.cseq, response.call_id), (request.cseq, request.call_id));
    let mut edit = Edit::new(&view);
    edit.stamp(source);
    edit.count_hop(request.max_forwards);
    edit.push(Name::Via, "SIP/2.0/UDP h;branch=z9hG4bK1");
    let passed = edit.finish();
    let passed = View::read(&passed).unwrap();
    let passed = Request::parse(&passed).unwrap_or_else(|why| panic!("{why:?}: {}", Escaped::new(bytes, 4000)));
    assert_eq!(
        (passed.vias.len(), passed.view.body),
        (request.vias.len() + 1, request.view.body)
    );
    true
}

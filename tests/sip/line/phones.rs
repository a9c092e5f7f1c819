//! What phones do: register, call, talk.

use super::message::{bracketed, field, fields, method, status};
use super::{Office, Phone, TLS, Talk, UDP, callee_talk, credentials, extension, message};
use linekey::sip::stack::Flow;
use std::net::SocketAddr;

impl Office {
    /// A phone of a device over UDP.
    pub(super) fn phone(&mut self, device: u64) -> Phone {
        let remote: SocketAddr = format!("192.0.2.{}:5060", 100 + device).parse().unwrap();
        self.phone_at(device, Flow::Datagram { listener: UDP, remote })
    }

    /// A phone of a device over TLS.
    pub(super) fn tls_phone(&mut self, device: u64) -> Phone {
        let flow = self.stream(TLS, &format!("192.0.2.{}:40000", 100 + device));
        self.phone_at(device, flow)
    }

    pub(super) fn phone_at(&mut self, device: u64, flow: Flow) -> Phone {
        let transport = if flow.is_datagram() { "udp" } else { "tls" };
        let call_id = format!("reg-{}", self.unique());
        let mut phone = Phone {
            call_id,
            device,
            extension: extension(device),
            flow,
            contact: format!("sip:{}@10.0.0.{device}:5060;transport={transport}", extension(device)),
            cseq: 0,
            challenge: String::new(),
        };
        let answer = self.register(&mut phone, 3600);
        assert_eq!(status(&answer), 200, "{answer}");
        phone
    }

    pub(super) fn unique(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn via(&mut self, phone: &Phone) -> String {
        let transport = if phone.flow.is_datagram() { "UDP" } else { "TLS" };
        format!(
            "Via: SIP/2.0/{transport} 10.0.0.{}:5060;rport;branch=z9hG4bK{}",
            phone.device,
            self.unique()
        )
    }

    /// Registers, with one challenge at most; the last answer.
    pub(super) fn register(&mut self, phone: &mut Phone, expires: u32) -> String {
        let contact = format!("Contact: <{}>;expires={expires}", phone.contact);
        self.register_as(phone, "sip:office.example", &[&contact])
    }

    pub(super) fn register_as(&mut self, phone: &mut Phone, uri: &str, lines: &[&str]) -> String {
        let user = phone.extension;
        let host = uri.trim_start_matches("sip:").to_owned();
        let head = vec![
            format!("From: <sip:{user}@{host}>;tag=r{}", phone.device),
            format!("To: <sip:{user}@{host}>"),
            format!("Call-ID: {}", phone.call_id),
        ];
        let lines: Vec<String> = head
            .into_iter()
            .chain(lines.iter().map(|line| (*line).to_owned()))
            .collect();
        self.ask(phone, "REGISTER", uri, &lines)
    }

    /// Sends a request, answers one challenge, and gives the first answer after that which is not 100.
    pub(super) fn ask(&mut self, phone: &mut Phone, method: &str, uri: &str, lines: &[String]) -> String {
        phone.cseq += 1;
        let text = self.request(phone, method, uri, lines, None);
        self.send(phone.flow, &text);
        let Some(answer) = self.next(phone.flow) else {
            return String::new();
        };
        if !matches!(status(&answer), 401 | 407) {
            return answer;
        }
        phone.challenge = [field(&answer, "WWW-Authenticate"), field(&answer, "Proxy-Authenticate")].concat();
        if method == "INVITE" {
            let ack = self.ack_of(&text, &answer);
            self.send(phone.flow, &ack);
        }
        phone.cseq += 1;
        let name = if status(&answer) == 401 {
            "Authorization"
        } else {
            "Proxy-Authorization"
        };
        let credentials = format!("{name}: {}", credentials(phone, method, uri, 1));
        let text = self.request(phone, method, uri, lines, Some(&credentials));
        self.send(phone.flow, &text);
        self.next(phone.flow).unwrap_or_default()
    }

    pub(super) fn request(
        &mut self,
        phone: &Phone,
        method: &str,
        uri: &str,
        lines: &[String],
        more: Option<&str>,
    ) -> String {
        let mut text = format!("{method} {uri} SIP/2.0\r\n{}\r\nMax-Forwards: 70\r\n", self.via(phone));
        text += &format!("CSeq: {} {method}\r\n", phone.cseq);
        for line in lines.iter().map(String::as_str).chain(more) {
            text += &format!("{line}\r\n");
        }
        text + "Content-Length: 0\r\n\r\n"
    }

    /// The ACK of a response other than 2xx.
    pub(super) fn ack_of(&self, invite: &str, response: &str) -> String {
        let number = field(invite, "CSeq").split(' ').next().unwrap();
        format!(
            "ACK {} SIP/2.0\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\n\
             CSeq: {number} ACK\r\nContent-Length: 0\r\n\r\n",
            message::uri(invite),
            field(invite, "Via"),
            field(invite, "From"),
            field(response, "To"),
            field(invite, "Call-ID"),
        )
    }

    /// Calls a number: the lines of the INVITE, and the first answer (empty: it rings nowhere yet).
    pub(super) fn invite(&mut self, phone: &mut Phone, number: &str, more: &[&str]) -> (Vec<String>, String) {
        let id = self.unique();
        let mut lines = vec![
            format!("From: <sip:{}@office.example>;tag=caller{id}", phone.extension),
            format!("To: <sip:{number}@office.example>"),
            format!("Call-ID: call-{id}"),
            format!("Contact: <{}>", phone.contact),
            "Supported: replaces".to_owned(),
        ];
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        let uri = format!("sip:{number}@office.example");
        let answer = self.ask(phone, "INVITE", &uri, &lines);
        (lines, answer)
    }

    /// A call that is answered: the caller's and the callee's view of it.
    pub(super) fn talk(&mut self, caller: &mut Phone, callee: &Phone) -> (Talk, Talk) {
        self.invite(caller, callee.extension, &[]);
        let invite = self.take(callee.flow);
        assert_eq!(method(&invite), "INVITE", "{invite}");
        let contact = format!("Contact: <{}>", callee.contact);
        self.send(
            callee.flow,
            &message::reply(&invite, 200, &format!("t{}", callee.device), &[&contact]),
        );
        let ok = self.take(caller.flow);
        assert_eq!(status(&ok), 200, "{ok}");
        let talks = (self.caller_talk(caller, &ok), callee_talk(&invite, &ok));
        self.within(caller, &talks.0, "ACK", &[]);
        assert_eq!(method(&self.take(callee.flow)), "ACK");
        talks
    }

    pub(super) fn caller_talk(&self, caller: &Phone, ok: &str) -> Talk {
        let routes = fields(ok, "Record-Route")
            .iter()
            .rev()
            .map(|route| (*route).to_owned())
            .collect();
        Talk {
            call_id: field(ok, "Call-ID").to_owned(),
            local: field(ok, "From").to_owned(),
            remote: field(ok, "To").to_owned(),
            target: bracketed(field(ok, "Contact")).to_owned(),
            routes,
            cseq: caller.cseq,
        }
    }

    /// Sends a request inside a call, with its Routes.
    pub(super) fn within(&mut self, phone: &Phone, talk: &Talk, method: &str, more: &[&str]) -> String {
        self.within_with(phone, talk, method, more, "")
    }

    /// The same with a body.
    pub(super) fn within_with(
        &mut self,
        phone: &Phone,
        talk: &Talk,
        method: &str,
        more: &[&str],
        body: &str,
    ) -> String {
        let cseq = if method == "ACK" {
            talk.cseq
        } else {
            talk.cseq + 100 + u32::try_from(self.unique()).unwrap()
        };
        let mut text = format!(
            "{method} {} SIP/2.0\r\n{}\r\nMax-Forwards: 70\r\n",
            talk.target,
            self.via(phone)
        );
        for route in &talk.routes {
            text += &format!("Route: {route}\r\n");
        }
        text += &format!(
            "From: {}\r\nTo: {}\r\nCall-ID: {}\r\n",
            talk.local, talk.remote, talk.call_id
        );
        text += &format!("CSeq: {cseq} {method}\r\n");
        for line in more {
            text += &format!("{line}\r\n");
        }
        text += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.send(phone.flow, &text);
        text
    }
}

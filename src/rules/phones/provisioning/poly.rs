//! Poly (Polycom VVX, CCX, Edge E; UCS 4 and newer): a master file that names the second, whose attributes are the
//! settings.

use super::handout::{ACCOUNTS, Codec, Handout, KEYS, Language, Media, Stage, Transport, Turn};
use super::make::{Answer, Ask, DhcpOption, File, Loss, Make, Place, Reading, without_scheme};
use super::xml;

/// Poly.
pub static MAKE: Make = Make {
    id: "poly",
    title: "Poly",
    ouis: &[[0x00, 0x04, 0xf2], [0x64, 0x16, 0x7f], [0x48, 0x25, 0x67]],
    agents: &["polycom", "polyedge", "polyccx"],
    resync: "check-sync",
    asks: &[
        Ask::answered("MAC.cfg", File::Config),
        Ask::unanswered("000000000000.cfg", File::Common),
        Ask::answered("MAC-linekey.cfg", File::Settings),
        Ask::unanswered("MAC-phone.cfg", File::Own),
        Ask::unanswered("MAC-web.cfg", File::Own),
        Ask::unanswered("MAC-license.cfg", File::Own),
        Ask::answered("MAC-directory.xml", File::PhoneBook),
    ],
    checks: true,
    accounts: ACCOUNTS,
    book_with_settings: true,
    needs: &[
        "A Poly phone checks certificates: with the office's own CA its first file comes over plain HTTP, which \
         has to be switched on, on a LAN that you trust.",
        "It looks at DHCP option 160 first, then at 66.",
        "Its own log, settings and directory are never taken: keep what matters on this page.",
    ],
    unconfirmed: &[
        "That it checks certificates with each firmware, and takes our CA by customCaCert1 (four public projects \
         do so, the maker's text does not).",
        "That a certificate in an attribute may have its line ends as character references.",
        "What the languages are called in lcl.ml.lang.",
        "That an old boot ROM asks with its MAC in upper case; both are answered.",
    ],
    reads,
    writes,
    dhcp,
    loses,
    model,
};

fn reads(name: &str) -> Option<Reading> {
    if name == "000000000000.cfg" || name == "000000000000-directory.xml" {
        return Some(Reading::shared(File::Common));
    }
    if name.ends_with(".ld") || name == "sip.ver" || name == "sip.cfg" {
        return Some(Reading::shared(File::Firmware));
    }
    let (mac, rest) = name.split_at_checked(12)?;
    let file = match rest {
        ".cfg" => File::Config,
        "-linekey.cfg" => File::Settings,
        "-directory.xml" => File::PhoneBook,
        "-phone.cfg" | "-web.cfg" | "-license.cfg" | "-boot.log" | "-app.log" => File::Own,
        _ => return None,
    };
    Reading::of(file, mac)
}

/// `FileTransport PolycomVVX-VVX_450-UA/5.9.5.0614 Type/Application`.
fn model(agent: &str) -> Option<&str> {
    let (before, _) = agent.split_once("-UA/")?;
    before.rsplit('-').next()
}

fn dhcp(base: &str) -> Vec<DhcpOption> {
    [160, 66]
        .into_iter()
        .map(|code| DhcpOption {
            code,
            value: format!("{base}000000000000.cfg"),
        })
        .collect()
}

fn loses(_: Place, text: &str) -> Option<Loss> {
    let shown = text.chars().filter(|c| !xml::cannot(*c)).collect();
    Loss::between(text, shown, "The file has no way to write control characters.")
}

fn writes(handout: &Handout<'_>, file: File) -> Option<Answer> {
    match file {
        File::Config => Some(Answer::xml(master())),
        File::Settings => Some(Answer::xml(settings(handout))),
        File::PhoneBook if handout.stage == Stage::Whole => Some(Answer::xml(book(handout))),
        File::PhoneBook
        | File::Boot
        | File::Common
        | File::Model
        | File::Certificate
        | File::Firmware
        | File::Own
        | File::Unknown => None,
    }
}

/// The phone fills its own MAC in. The name of the second file is none that the phone would overwrite.
fn master() -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
     <APPLICATION CONFIG_FILES=\"[PHONE_MAC_ADDRESS]-linekey.cfg\" MISC_FILES=\"\" LOG_FILE_DIRECTORY=\"\"/>\n"
        .to_owned()
}

/// Attributes, one a line.
struct Attributes(String);

impl Attributes {
    fn set(&mut self, name: &str, value: &str) {
        self.0.push_str(&format!(" {name}=\"{}\"\n", xml::escape(value)));
    }

    /// Text of several lines, which stay apart.
    fn lines(&mut self, name: &str, value: &str) {
        self.0.push_str(&format!(" {name}=\"{}\"\n", xml::escape_lines(value)));
    }

    /// A setting of the device itself counts only beside its `.set`.
    fn device(&mut self, name: &str, value: &str) {
        self.set(&format!("device.{name}.set"), "1");
        self.set(&format!("device.{name}"), value);
    }
}

fn settings(handout: &Handout<'_>) -> String {
    let mut out =
        Attributes("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<polycomConfig\n".to_owned());
    out.set("device.set", "1");
    come_back(&mut out, handout);
    if handout.stage == Stage::Whole {
        out.device("auth.localAdminPassword", handout.menu_password);
        (1..=ACCOUNTS).for_each(|place| account(&mut out, handout, place));
        shared(&mut out, handout);
        for place in 1..=KEYS {
            let key = handout.key(place);
            let mut set = |name: &str, value: &str| out.set(&format!("attendant.resourceList.{place}.{name}"), value);
            set("address", key.map_or("", |key| key.extension));
            set("label", key.map_or("", |key| key.label));
            set("type", if key.is_some() { "normal" } else { "" });
        }
        clock(&mut out, handout);
    }
    out.0.push_str("/>\n");
    out.0
}

fn come_back(out: &mut Attributes, handout: &Handout<'_>) {
    let back = &handout.come_back;
    let (https, path) = without_scheme(back.url);
    out.device("prov.serverName", path);
    out.device("prov.serverType", if https { "HTTPS" } else { "HTTP" });
    let (username, password) = handout.credentials();
    out.device("prov.user", username);
    out.device("prov.password", password);
    // DHCP has no say in it from now on.
    out.device("dhcp.bootSrvUseOpt", "Static");
    let pem = handout.authority.map_or("", |authority| authority.pem);
    out.set("device.sec.TLS.customCaCert1.set", "1");
    out.lines("device.sec.TLS.customCaCert1", pem);
    out.lines("sec.TLS.customCaCert.1", pem);
    out.device(
        "sec.TLS.prov.strictCertCommonNameValidation",
        if handout.strict { "1" } else { "0" },
    );
    out.set("prov.polling.enabled", "1");
    out.set("prov.polling.mode", "rel");
    out.set("prov.polling.period", &back.minutes.saturating_mul(60).to_string());
}

fn account(out: &mut Attributes, handout: &Handout<'_>, place: usize) {
    let account = handout.account(place);
    let mut set = |name: &str, value: &str| out.set(&format!("reg.{place}.{name}"), value);
    set("address", account.map_or("", |account| account.extension));
    set("label", account.map_or("", |account| account.label));
    set("displayName", account.map_or("", |account| account.name));
    set("auth.userId", account.map_or("", |account| account.username));
    set("auth.password", account.map_or("", |account| account.secret));
    set("server.1.register", if account.is_some() { "1" } else { "0" });
    let Some(_) = account else { return };
    let server = &handout.server;
    let transport = match server.transport {
        Transport::Udp => "UDPOnly",
        Transport::Tcp => "TCPOnly",
        Transport::Tls => "TLS",
    };
    set("server.1.address", server.domain);
    set("server.1.port", &server.port.to_string());
    set("server.1.transport", transport);
    set("server.1.expires", &server.expires.to_string());
    set("outboundProxy.address", server.host);
    set("outboundProxy.port", &server.port.to_string());
    set("outboundProxy.transport", transport);
}

/// What all lines of the phone have in common.
fn shared(out: &mut Attributes, handout: &Handout<'_>) {
    let encrypted = match handout.server.media {
        Media::Plain => "0",
        Media::Encrypted => "1",
    };
    for name in ["enable", "offer", "require"] {
        out.set(&format!("sec.srtp.{name}"), encrypted);
    }
    let voice_mail = handout.server.voice_mail;
    out.set(
        "msg.mwi.1.callBackMode",
        if voice_mail.is_empty() { "disabled" } else { "contact" },
    );
    out.set("msg.mwi.1.callBack", voice_mail);
    for codec in Codec::ALL {
        let name = match codec {
            Codec::G722 => "G722",
            Codec::Pcma => "G711_A",
            Codec::Pcmu => "G711_Mu",
        };
        let rank = handout
            .codecs
            .iter()
            .position(|chosen| *chosen == codec)
            .map_or(0, |rank| rank + 1);
        out.set(&format!("voice.codecPref.{name}"), &rank.to_string());
    }
    let language = match handout.language {
        Language::English => "English_United_States",
        Language::German => "German_Germany",
        Language::French => "French_France",
        Language::Spanish => "Spanish_Spain",
    };
    out.set("lcl.ml.lang", language);
    // Told of a change (check-sync), the phone takes it without a restart where it can.
    out.set("voIpProt.SIP.specialEvent.checkSync.alwaysReboot", "0");
}

fn clock(out: &mut Attributes, handout: &Handout<'_>) {
    let zone = &handout.zone;
    let mut set = |name: &str, value: &str| out.set(&format!("tcpIpApp.sntp.{name}"), value);
    set("address", zone.ntp);
    set("address.overrideDHCP", "1");
    set("gmtOffset", &(i32::from(zone.offset) * 60).to_string());
    set("gmtOffset.overrideDHCP", "1");
    set("daylightSavings.enable", if zone.summer.is_some() { "1" } else { "0" });
    let Some(summer) = zone.summer else { return };
    set("daylightSavings.fixedDayEnable", "0");
    for (edge, turn) in [("start", summer.start), ("stop", summer.end)] {
        let mut set = |name: &str, value: u8| set(&format!("daylightSavings.{edge}.{name}"), &value.to_string());
        set("month", turn.month);
        set("dayOfWeek", weekday(turn));
        set("dayOfWeek.lastInMonth", u8::from(turn.week == 5));
        // The first possible day of that week, where the last does not count.
        set("date", turn.week.saturating_sub(1).saturating_mul(7).saturating_add(1));
        set("time", turn.hour);
    }
}

/// Sunday is 1.
fn weekday(turn: Turn) -> u8 {
    turn.weekday.saturating_add(1)
}

fn book(handout: &Handout<'_>) -> String {
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<directory>\n<item_list>\n".to_owned();
    for contact in handout.contacts() {
        out.push_str("<item>\n");
        xml::element(&mut out, "ln", "", contact.name);
        xml::element(&mut out, "fn", "", "");
        xml::element(&mut out, "ct", "", contact.number);
        out.push_str("</item>\n");
    }
    out.push_str("</item_list>\n</directory>\n");
    out
}

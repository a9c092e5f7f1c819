//! Names of header fields, long and compact (RFC 3261 §7.3.3 and the register of SIP parameters).

macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident $text:literal $($compact:literal)?;)*) => {
        /// A header field that this program knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Name {
            $(#[doc = $text] $variant,)*
            /// Any other name.
            Other,
        }

        impl Name {
            /// The field with this name, in its long or its compact form, without regard to case.
            #[must_use]
            pub fn of(name: &[u8]) -> Self {
                if let [letter] = name {
                    return match letter.to_ascii_lowercase() {
                        $($($compact => Self::$variant,)?)*
                        _ => Self::Other,
                    };
                }
                $(if name.len() == $text.len() && name.eq_ignore_ascii_case($text.as_bytes()) {
                    return Self::$variant;
                })*
                Self::Other
            }

            /// The long form; `None` for any other name.
            #[must_use]
            pub const fn as_str(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($text),)*
                    Self::Other => None,
                }
            }
        }
    };
}

impl Name {
    /// Whether the field is no list, so that it may stand once at most (RFC 3261 §7.3.1, and each field's own RFC).
    #[must_use]
    pub const fn is_single(self) -> bool {
        matches!(
            self,
            Self::From
                | Self::To
                | Self::CallId
                | Self::CSeq
                | Self::MaxForwards
                | Self::ContentLength
                | Self::ContentType
                | Self::Expires
                | Self::UserAgent
                | Self::Event
                | Self::Date
                | Self::MinExpires
                | Self::MinSe
                | Self::RAck
                | Self::RSeq
                | Self::ReferTo
                | Self::ReferredBy
                | Self::Replaces
                | Self::RetryAfter
                | Self::Server
                | Self::SessionExpires
                | Self::Subject
                | Self::SubscriptionState
                | Self::Timestamp
        )
    }
}

names! {
    Via "Via" b'v';
    From "From" b'f';
    To "To" b't';
    CallId "Call-ID" b'i';
    CSeq "CSeq";
    Contact "Contact" b'm';
    MaxForwards "Max-Forwards";
    ContentLength "Content-Length" b'l';
    ContentType "Content-Type" b'c';
    Expires "Expires";
    UserAgent "User-Agent";
    Allow "Allow";
    Supported "Supported" b'k';
    Route "Route";
    RecordRoute "Record-Route";
    Authorization "Authorization";
    ProxyAuthorization "Proxy-Authorization";
    Event "Event" b'o';
    AllowEvents "Allow-Events" b'u';
    AcceptContact "Accept-Contact" b'a';
    Accept "Accept";
    AuthenticationInfo "Authentication-Info";
    ContentEncoding "Content-Encoding" b'e';
    Date "Date";
    Identity "Identity" b'y';
    IdentityInfo "Identity-Info" b'n';
    MinExpires "Min-Expires";
    MinSe "Min-SE";
    PAssertedIdentity "P-Asserted-Identity";
    PPreferredIdentity "P-Preferred-Identity";
    Path "Path";
    Privacy "Privacy";
    ProxyAuthenticate "Proxy-Authenticate";
    ProxyRequire "Proxy-Require";
    RAck "RAck";
    RSeq "RSeq";
    Reason "Reason";
    ReferTo "Refer-To" b'r';
    ReferredBy "Referred-By" b'b';
    RejectContact "Reject-Contact" b'j';
    RemotePartyId "Remote-Party-ID";
    Replaces "Replaces";
    RequestDisposition "Request-Disposition" b'd';
    Require "Require";
    RetryAfter "Retry-After";
    Server "Server";
    SessionExpires "Session-Expires" b'x';
    Subject "Subject" b's';
    SubscriptionState "Subscription-State";
    Timestamp "Timestamp";
    Unsupported "Unsupported";
    Warning "Warning";
    WwwAuthenticate "WWW-Authenticate";
}

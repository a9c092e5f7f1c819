//! What does not hold in a message: which field, and why, as data.

/// A field that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which one.
    pub field: Field,
    /// In what way.
    pub why: Why,
}

impl Invalid {
    /// That field, for that reason.
    pub const fn new(field: Field, why: Why) -> Self {
        Self { field, why }
    }
}

/// A field of a message, by the name that the interface has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `csv`: a table to import.
    Csv,
    /// `email`.
    Email,
    /// `emergency`: numbers.
    Emergency,
    /// `extension`.
    Extension,
    /// `hours` of a window.
    Hours,
    /// `invite_hours`.
    InviteHours,
    /// `mac`.
    Mac,
    /// `model` of a phone.
    Model,
    /// `models`: AAGUIDs.
    Models,
    /// `name`: a display name, or the appliance's host name.
    Name,
    /// `passphrase` of a backup.
    Passphrase,
    /// `password`.
    Password,
    /// `port`.
    Port,
    /// `ranges`.
    Ranges,
    /// `reset_minutes`.
    ResetMinutes,
    /// `roots`: certificates as PEM text.
    Roots,
    /// `secret` of a device.
    Secret,
    /// `sender`.
    Sender,
    /// `server`.
    Server,
    /// `session_hours`.
    SessionHours,
    /// `time_server`.
    TimeServer,
    /// `time_zone`.
    TimeZone,
    /// `to`.
    To,
    /// `until`.
    Until,
    /// `username`.
    Username,
}

impl Field {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Email => "email",
            Self::Emergency => "emergency",
            Self::Extension => "extension",
            Self::Hours => "hours",
            Self::InviteHours => "invite_hours",
            Self::Mac => "mac",
            Self::Model => "model",
            Self::Models => "models",
            Self::Name => "name",
            Self::Passphrase => "passphrase",
            Self::Password => "password",
            Self::Port => "port",
            Self::Ranges => "ranges",
            Self::ResetMinutes => "reset_minutes",
            Self::Roots => "roots",
            Self::Secret => "secret",
            Self::Sender => "sender",
            Self::Server => "server",
            Self::SessionHours => "session_hours",
            Self::TimeServer => "time_server",
            Self::TimeZone => "time_zone",
            Self::To => "to",
            Self::Until => "until",
            Self::Username => "username",
        }
    }
}

/// Why a field does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A cell of the table goes over several lines.
    CellOverLines,
    /// The password is one of the first that anybody tries.
    Common,
    /// Help is called by that number.
    Emergency,
    /// Another device has the MAC address.
    MacTaken,
    /// No person has this extension.
    NobodyThere,
    /// A phone or an app without an owner.
    NoOwner,
    /// Attested keys only, without a model or without a root.
    NothingAttested,
    /// It is no name of an administrator.
    NotAdminName,
    /// It is no text of certificates, or there are too many.
    NotCertificates,
    /// It is no secret that every phone takes: too short, too long, or with other characters.
    NotDeviceSecret,
    /// It is no name to show.
    NotDisplayName,
    /// It is no e-mail address.
    NotEmail,
    /// It is no extension.
    NotExtension,
    /// It is no host name that passkeys can be bound to.
    NotHostName,
    /// It is no MAC address of a device.
    NotMac,
    /// It is no name of a model.
    NotModel,
    /// It is no list of AAGUIDs, or a too long one.
    NotModels,
    /// It is no list of numbers, or a too long one.
    NotNumbers,
    /// It is no port.
    NotPort,
    /// It is no address range.
    NotRange,
    /// It is neither a host name nor an address.
    NotServer,
    /// It is no time zone that is known here.
    NotTimeZone,
    /// It is no table that can be read.
    NotTable,
    /// The table has more octets than are read.
    TableTooLong,
    /// The table has no line.
    NoLines,
    /// The account has no e-mail address to send to.
    NoRecipient,
    /// No mail server is set.
    NoServer,
    /// It lies outside the range that may be set.
    OutOfRange,
    /// The password that is kept is for the server as it was; it must be typed again.
    PasswordMissing,
    /// It was sealed under another key.
    SealedElsewhere,
    /// A desk is to be taken for longer than may be.
    SittingTooLong,
    /// It is longer than is looked at.
    TooLong,
    /// There are more than are kept for one administrator.
    TooManyRanges,
    /// The password is too short.
    TooShort,
    /// The name has characters that no mail server takes, or is too long.
    UnusableLogin,
    /// One of the certificates has a key of a kind that nothing is checked by.
    UnusableRoot,
    /// A line has cells under no heading, or too few.
    WrongCells,
    /// The extension differs from another by zeros in front alone.
    ZerosInFront,
}

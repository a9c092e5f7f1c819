//! What does not hold in a message: which field, and why, as data.

use super::certificates::looks::Looks;
use super::office::schedule::bucket_trouble::BucketTrouble;

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
    /// `bucket` of backups.
    Bucket,
    /// `contact`: whom a CA may write to.
    Contact,
    /// `csv`: a table to import.
    Csv,
    /// `daily_at`.
    DailyAt,
    /// `date`.
    Date,
    /// `directory` of an ACME server.
    Directory,
    /// `email`.
    Email,
    /// `emergency`: numbers.
    Emergency,
    /// `every_hours`.
    EveryHours,
    /// `extension`.
    Extension,
    /// `folder` of backups.
    Folder,
    /// `hours` of a window.
    Hours,
    /// `invite_hours`.
    InviteHours,
    /// `keep`: how many backups.
    Keep,
    /// `mac`.
    Mac,
    /// `make` of a phone.
    Make,
    /// `model` of a phone.
    Model,
    /// `models`: AAGUIDs.
    Models,
    /// `name`: a display name, or the appliance's host name.
    Name,
    /// `other_mac`: a box's second address.
    OtherMac,
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
    /// `start` of a file.
    Start,
    /// `time_servers`.
    TimeServers,
    /// `terms_accepted`: those of a CA.
    TermsAccepted,
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
    /// All of them.
    pub const ALL: [Self; 37] = [
        Self::Contact,
        Self::Csv,
        Self::DailyAt,
        Self::Date,
        Self::Directory,
        Self::Email,
        Self::Emergency,
        Self::EveryHours,
        Self::Extension,
        Self::Folder,
        Self::Hours,
        Self::InviteHours,
        Self::Keep,
        Self::Mac,
        Self::Make,
        Self::Model,
        Self::Models,
        Self::Name,
        Self::OtherMac,
        Self::Passphrase,
        Self::Password,
        Self::Port,
        Self::Ranges,
        Self::ResetMinutes,
        Self::Roots,
        Self::Secret,
        Self::Sender,
        Self::Server,
        Self::SessionHours,
        Self::Start,
        Self::TimeServers,
        Self::TermsAccepted,
        Self::TimeServer,
        Self::TimeZone,
        Self::To,
        Self::Until,
        Self::Username,
    ];

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Contact => "contact",
            Self::Csv => "csv",
            Self::DailyAt => "daily_at",
            Self::Date => "date",
            Self::Directory => "directory",
            Self::Email => "email",
            Self::Emergency => "emergency",
            Self::EveryHours => "every_hours",
            Self::Extension => "extension",
            Self::Folder => "folder",
            Self::Hours => "hours",
            Self::InviteHours => "invite_hours",
            Self::Keep => "keep",
            Self::Mac => "mac",
            Self::Make => "make",
            Self::Model => "model",
            Self::Models => "models",
            Self::Name => "name",
            Self::OtherMac => "other_mac",
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
            Self::Start => "start",
            Self::TimeServers => "time_servers",
            Self::TermsAccepted => "terms_accepted",
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
    /// The box holds as many people as its make can.
    BoxFull,
    /// The password is one of the first that anybody tries.
    Common,
    /// Help is called by that number.
    Emergency,
    /// Another device has the MAC address.
    MacTaken,
    /// No maker is known whose MAC addresses are like this one.
    MakeUnknown,
    /// No person has this extension.
    NobodyThere,
    /// A phone or an app without an owner.
    NoOwner,
    /// Attested keys only, without a model or without a root.
    NothingAttested,
    /// It is no name of an administrator.
    NotAdminName,
    /// It is no text of certificates, but that.
    NotCertificates(Looks),
    /// It is no secret that every phone takes: too short, too long, or with other characters.
    NotDeviceSecret,
    /// It is no address of an ACME server's directory.
    NotDirectory,
    /// It is no name to show.
    NotDisplayName,
    /// It is no e-mail address.
    NotEmail,
    /// It is no Base64.
    NotBase64,
    /// It is no extension.
    NotExtension,
    /// It is no host name, or none that passkeys can be bound to.
    NotHostName(WrongName),
    /// It is no host name or address of a log server.
    NotLogServer(WrongName),
    /// It is no port of a log server.
    NotLogPort,
    /// It is no MAC address of a device.
    NotMac,
    /// It is no name of a model.
    NotModel,
    /// It is no list of AAGUIDs, or a too long one.
    NotModels,
    /// It is no list of numbers, or a too long one.
    NotNumbers,
    /// It is no port of a mail server.
    NotPort,
    /// Nobody outside the office can look the name up.
    NotPublic,
    /// It is no address range.
    NotRange,
    /// It is neither a host name nor an address.
    NotServer(WrongName),
    /// It lies before the newest date that is known, or not before it where that is asked for.
    NotTheDate,
    /// It is no list of time servers, or a too long one.
    NotTimeServers,
    /// It is no time zone that is known here.
    NotTimeZone,
    /// It is no table that can be read.
    NotTable,
    /// The table has more octets than are read.
    TableTooLong,
    /// No column of the table holds extensions.
    NoExtensionColumn,
    /// No column of the table holds MAC addresses.
    NoMacColumn,
    /// No column of the table holds names.
    NoNameColumn,
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
    /// Where and when backups are made cannot be set so.
    Schedule(WrongSchedule),
    /// It was sealed under another key.
    SealedElsewhere,
    /// A desk is to be taken for longer than may be.
    SittingTooLong,
    /// The terms of the CA were not accepted.
    TermsNotAccepted,
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

/// What is wrong with a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongName {
    /// It is an IP address.
    Address,
    /// It has letters beyond a to z. Browsers and DNS know it in another form, which begins with `xn--`.
    BeyondAscii,
    /// There is a port behind it.
    Port,
    /// There is a scheme in front of it, or a path behind it.
    Scheme,
    /// It has an underscore.
    Underscore,
    /// Anything else.
    Other,
}

/// What is wrong with where and when backups are to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongSchedule {
    /// The bucket was tried, and that came of it.
    Bucket(BucketTrouble),
    /// A part of what names the bucket or its key is none.
    BucketPart,
    /// It is no address of a bucket's server.
    Endpoint,
    /// It is no folder that is there.
    Folder,
    /// It lies outside [`HOURS`](super::office::schedule::HOURS).
    Hours,
    /// It lies outside [`KEEP`](super::office::schedule::KEEP).
    Keep,
    /// There is no passphrase yet, and none was given: nothing is ever written in the clear.
    NoPassphrase,
    /// There is no secret that was typed for this server and access key.
    NoSecret,
    /// The folder is the appliance's own, or within that: what is there is lost together with the store.
    Own,
    /// A folder or a bucket is said, not both and not neither.
    Place,
    /// It is the system's, and no place for files: `/`, or below `/dev`, `/proc` or `/sys`.
    System,
    /// It is no time of day, or neither or both of time and hours were said.
    Time,
}

//! A device: a desk phone, an app or a shared desk, with the name and the secret that it registers by.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::limits;
pub use super::mac::Mac;
use super::spelling;
use super::window::Provisioning;
use crate::rules::id::{AccountId, DisplayName, Extension};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Fresh;
use crate::rules::people::common_passwords;
use crate::rules::secret::{SealKey, Sealed};
use crate::rules::text::{breaks_line, visible};
use crate::rules::time::Date;

/// The store's number of a device; never used again after a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceId(pub u64);

/// What is kept of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The store's number.
    pub id: DeviceId,
    /// What it is, and whose.
    pub role: Role,
    /// What people call it.
    pub label: DisplayName,
    /// The name that it registers by; unique over the office.
    pub username: DigestName,
    /// The hash that it is asked to answer with.
    pub algorithm: Algorithm,
    /// What it registers with, and what opens its own menu.
    pub sealed: SealedSecrets,
    /// The box, where it has one.
    pub hardware: Hardware,
    /// When it was added.
    pub created: Date,
    /// When and under which address it may fetch its files.
    pub provisioning: Provisioning,
}

/// What a device is, and for whom it rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// An app on a computer or a mobile.
    App {
        /// Whose.
        owner: AccountId,
    },
    /// A desk phone that becomes the extension of whoever sits down.
    Desk {
        /// For whom it rings while nobody sits there; none: for nobody.
        home: Option<AccountId>,
        /// Who sits there.
        sitting: Option<Sitting>,
    },
    /// A desk phone.
    Phone {
        /// Whose.
        owner: AccountId,
    },
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// An app on a computer or a mobile.
    App,
    /// A shared desk.
    Desk,
    /// A desk phone.
    Phone,
}

/// Somebody at a shared desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Who.
    pub who: AccountId,
    /// Until when.
    pub until: Date,
}

/// The hash of a device's digest (RFC 8760).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// What every phone knows.
    #[default]
    Md5,
    /// Where the phone knows it.
    Sha256,
}

impl Algorithm {
    /// The name in a challenge and in answers (RFC 7616 §3.3).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// Reads the name, case aside.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256]
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
    }
}

/// What is known of a phone's box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hardware {
    /// By which its files are asked for.
    pub mac: Option<Mac>,
    /// By which they are asked for as well, as by a phone with a Wi-Fi address beside its wired one.
    pub other_mac: Option<Mac>,
    /// Who made it.
    pub make: Option<Make>,
    /// As its maker calls it; at most 64 octets.
    pub model: Option<String>,
}

/// The makers whose phones fetch files from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Make {
    /// X, V, i, H and W series.
    Fanvil,
    /// GXP, GRP and GHP series.
    Grandstream,
    /// VVX, Edge and CCX series; once Polycom.
    Poly,
    /// 3xx, 7xx and D series.
    Snom,
    /// T and W series.
    Yealink,
}

impl Make {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Fanvil, Self::Grandstream, Self::Poly, Self::Snom, Self::Yealink];
}

/// The name that a device registers by: an extension's digits or `desk`, a dash and six letters, so that it is no
/// extension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DigestName(String);

impl Hardware {
    /// Whether the box has this MAC address.
    pub fn has(&self, mac: Mac) -> bool {
        self.mac == Some(mac) || self.other_mac == Some(mac)
    }
}

impl DigestName {
    /// A new name for a device of that extension, or of nobody. Whether it is free is for the caller to see.
    pub fn fresh(extension: Option<&Extension>, fresh: &mut Fresh) -> Self {
        let head = extension.map_or("desk", Extension::as_str);
        Self(format!("{head}-{}", spelling::suffix(fresh)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DigestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret that a device registers with: 26 letters and digits, 130 bits; or what its owner typed, where the office
/// lets people do so.
#[derive(Clone)]
pub struct DeviceSecret(Zeroizing<String>);

impl DeviceSecret {
    /// One that nobody has seen.
    pub fn fresh(fresh: &mut Fresh) -> Self {
        Self(spelling::secret(fresh))
    }

    /// One that its owner typed for a device of that name. Nobody can try it faster than the registrar lets them, but
    /// whoever hears a digest on the way can try as fast as they like, so it is as long as a password (SPEC §2) and
    /// none of the common ones.
    pub fn judge(typed: String, username: &DigestName) -> Result<Self, Invalid> {
        let typed = Zeroizing::new(typed);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !limits::TYPED_SECRET_CHARS.contains(&typed.len()) || !typed.bytes().all(fits) {
            return Err(Invalid::new(Field::Secret, Why::NotDeviceSecret));
        }
        if common_passwords::is_common(&typed) || typed.eq_ignore_ascii_case(username.as_str()) {
            return Err(Invalid::new(Field::Secret, Why::Common));
        }
        Ok(Self(typed))
    }

    /// One that a test knows.
    #[cfg(test)]
    pub(super) fn known(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text, for the device and for the digest.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSecret(..)")
    }
}

/// A device's secrets in the clear.
#[derive(Debug)]
pub struct Secrets {
    /// It registers with this one.
    pub sip: DeviceSecret,
    /// 16 digits that open the menu and the page of the phone itself.
    pub menu: MenuPassword,
}

/// What opens a phone's own menu: 16 digits.
pub struct MenuPassword(Zeroizing<String>);

impl MenuPassword {
    /// One that nobody has seen.
    pub(super) fn fresh(fresh: &mut Fresh) -> Self {
        Self(spelling::keypad_password(fresh))
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MenuPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MenuPassword(..)")
    }
}

/// Both secrets, sealed by the appliance's key for this row and name alone: in another row they do not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecrets {
    sip: Sealed,
    menu: Sealed,
}

const SIP: &str = "device secret";
const MENU: &str = "device menu";

impl SealedSecrets {
    /// From the SIP secret and the menu's password, as they are kept.
    pub fn of(sip: Sealed, menu: Sealed) -> Self {
        Self { sip, menu }
    }

    /// The SIP secret and the menu's password, as they are kept.
    pub fn parts(&self) -> (&Sealed, &Sealed) {
        (&self.sip, &self.menu)
    }
}

impl Secrets {
    /// Two that nobody has seen.
    pub fn fresh(fresh: &mut Fresh) -> Self {
        Self {
            sip: DeviceSecret::fresh(fresh),
            menu: MenuPassword::fresh(fresh),
        }
    }

    /// Seals them for a row.
    pub fn seal(&self, id: DeviceId, username: &DigestName, key: &SealKey, fresh: &mut Fresh) -> SealedSecrets {
        let row = row(id, username);
        SealedSecrets {
            sip: key.seal(SIP, &row, self.sip.reveal().as_bytes(), fresh),
            menu: key.seal(MENU, &row, self.menu.reveal().as_bytes(), fresh),
        }
    }
}

/// What the seal is bound to: 8 bytes big-endian of the number, then the name.
fn row(id: DeviceId, username: &DigestName) -> Vec<u8> {
    [&id.0.to_be_bytes(), username.0.as_bytes()].concat()
}

impl Device {
    /// What opens its own menu; none where it was sealed under another key or for another row.
    pub(super) fn menu(&self, key: &SealKey) -> Option<MenuPassword> {
        Some(MenuPassword(self.opened(MENU, &self.sealed.menu, key)?))
    }

    fn opened(&self, purpose: &str, sealed: &Sealed, key: &SealKey) -> Option<Zeroizing<String>> {
        let bytes = key.open(purpose, &row(self.id, &self.username), sealed)?;
        let text = str::from_utf8(&bytes).ok().filter(|text| !text.is_empty())?;
        Some(Zeroizing::new(text.to_owned()))
    }

    /// Its secrets; none where they were sealed under another key or for another row. Never an empty one.
    pub fn secrets(&self, key: &SealKey) -> Option<Secrets> {
        Some(Secrets {
            sip: DeviceSecret(self.opened(SIP, &self.sealed.sip, key)?),
            menu: self.menu(key)?,
        })
    }

    /// What it is.
    pub fn kind(&self) -> DeviceKind {
        match self.role {
            Role::App { .. } => DeviceKind::App,
            Role::Desk { .. } => DeviceKind::Desk,
            Role::Phone { .. } => DeviceKind::Phone,
        }
    }

    /// Whether it is an app that waits for whoever has its code: nobody was told its secrets yet.
    pub fn waits_for_code(&self) -> bool {
        matches!(self.role, Role::App { .. }) && self.hardware.mac.is_none() && self.provisioning.open_until.is_some()
    }

    /// Whether it is a shared desk.
    pub fn is_desk(&self) -> bool {
        self.kind() == DeviceKind::Desk
    }

    /// Whose it is, whoever sits there.
    pub fn owner(&self) -> Option<AccountId> {
        match self.role {
            Role::App { owner } | Role::Phone { owner } => Some(owner),
            Role::Desk { home, .. } => home,
        }
    }

    /// For whom it rings now.
    pub fn rings_for(&self, now: Date) -> Option<AccountId> {
        match self.role {
            Role::App { owner } | Role::Phone { owner } => Some(owner),
            Role::Desk { home, sitting } => sitting
                .filter(|sitting| now < sitting.until)
                .map_or(home, |sitting| Some(sitting.who)),
        }
    }
}

/// Reads a model's name, surrounding blanks aside; an empty one is none.
pub fn model(text: &str) -> Result<Option<String>, Invalid> {
    let text = visible(text);
    if text.len() > limits::MODEL_OCTETS || breaks_line(&text) {
        return Err(Invalid::new(Field::Model, Why::NotModel));
    }
    Ok((!text.is_empty()).then_some(text))
}

//! AAGUIDs: the model of an authenticator, as a number (WebAuthn L3 §6.5.1).

/// The usual text form: 8-4-4-4-12 hexadecimal digits.
pub fn text(aaguid: &[u8; 16]) -> String {
    let hex = data_encoding::HEXLOWER.encode(aaguid);
    let groups = [
        hex.get(..8),
        hex.get(8..12),
        hex.get(12..16),
        hex.get(16..20),
        hex.get(20..),
    ];
    groups.into_iter().flatten().collect::<Vec<_>>().join("-")
}

/// What people call that model; `None` where it is unknown or not told (zeros).
pub fn name(_aaguid: &[u8; 16]) -> Option<&'static str> {
    None
}

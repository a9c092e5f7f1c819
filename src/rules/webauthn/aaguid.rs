//! AAGUIDs: the model of an authenticator, as a number (WebAuthn L3 §6.5.1). It is the authenticator's own word unless
//! an attestation vouches for it, so it names a passkey for its owner and decides nothing.

/// A model a line: the AAGUID, a space, the name. Its head says where they are from, and of when.
const NAMES: &str = include_str!("aaguid.txt");

/// Android's platform authenticator, which key attestation (§8.4) is of.
pub const ANDROID: [u8; 16] = 0xb93f_d961_f2e6_462f_b122_8200_2247_de78_u128.to_be_bytes();
/// Windows Hello's, which TPM attestation (§8.3) is of: kept by hardware, by virtualization, by software.
pub const WINDOWS_HELLO: [[u8; 16]; 3] = [
    0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96_u128.to_be_bytes(),
    0x6028_b017_b1d4_4c02_b4b3_afcd_afc9_6bb2_u128.to_be_bytes(),
    0x9ddd_1817_af5a_4672_a2b9_3e3d_d950_00a9_u128.to_be_bytes(),
];

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

/// Reads the usual text form, in upper or lower case.
pub fn parse(written: &str) -> Option<[u8; 16]> {
    let lower = written.to_ascii_lowercase();
    let hex: String = lower.chars().filter(|c| *c != '-').collect();
    let aaguid = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()?;
    (text(&aaguid) == lower).then_some(aaguid)
}

/// What people call that model; `None` where it is unknown or not told (zeros).
pub fn name(aaguid: &[u8; 16]) -> Option<&'static str> {
    let wanted = text(aaguid);
    NAMES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(known, _)| *known == wanted)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_model_has_a_name_and_zeros_have_none() {
        let apple = 0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd_u128.to_be_bytes();
        assert_eq!(text(&apple), "fbfc3007-154e-4ecc-8c0b-6e020557d7bd");
        assert_eq!(name(&apple), Some("Apple Passwords"));
        assert_eq!(name(&[0; 16]), None);
    }

    #[test]
    fn every_line_is_an_aaguid_and_a_name_and_none_is_there_twice() {
        let rows: Vec<_> = NAMES.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(rows.len() > 50);
        let keys: std::collections::BTreeSet<_> = rows.iter().map(|row| row.split_once(' ').unwrap().0).collect();
        assert_eq!(keys.len(), rows.len());
        assert!(keys.iter().all(|key| key.len() == 36 && key.matches('-').count() == 4));
    }
}

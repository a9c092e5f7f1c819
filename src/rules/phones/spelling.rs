//! Random text that somebody may have to type on a phone.

use zeroize::Zeroizing;

use crate::rules::moment::Fresh;

/// 32 letters and digits that cannot be mistaken for each other (Crockford's base 32 in lower case): 5 bits each. Every
/// phone's menu takes them without a change of case.
const LETTERS_AND_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 16 letters that cannot be mistaken for digits, nor make a word: 4 bits each.
const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrtvx";
/// For a keypad.
const DIGITS: &[u8; 10] = b"0123456789";

/// 26 letters and digits: 130 bits.
pub fn secret(fresh: &mut Fresh) -> Zeroizing<String> {
    spell::<26>(LETTERS_AND_DIGITS, fresh)
}

/// 16 digits, for a phone's keypad: 53 bits.
pub fn keypad_password(fresh: &mut Fresh) -> Zeroizing<String> {
    spell::<16>(DIGITS, fresh)
}

/// 6 letters: 24 bits. Tells names apart, and keeps nothing secret.
pub fn suffix(fresh: &mut Fresh) -> String {
    spell::<6>(LETTERS, fresh).to_string()
}

/// So many characters of an alphabet of at most 256. Bytes beyond the last whole multiple of its length are thrown
/// again, so that each character is as likely as any other.
fn spell<const COUNT: usize>(alphabet: &[u8], fresh: &mut Fresh) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(COUNT));
    let fair = 256 - 256 % alphabet.len().max(1);
    while text.len() < COUNT {
        let [byte] = fresh.bytes::<1>();
        let place = usize::from(byte);
        if place < fair {
            text.extend(alphabet.get(place % alphabet.len()).map(|letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_as_likely_as_any_other() {
        let mut fresh = Fresh::seeded([7; 32]);
        let mut counts = [0_u32; 10];
        for _ in 0..1_000 {
            for digit in keypad_password(&mut fresh).bytes() {
                counts[usize::from(digit - b'0')] += 1;
            }
        }
        // 16,000 throws: 1,600 each, with a standard deviation of 38.
        assert!(counts.iter().all(|count| (1_400..=1_800).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_secret_has_130_bits_and_nothing_that_reads_like_something_else() {
        assert_eq!(LETTERS_AND_DIGITS.len(), 1 << 5);
        let mut fresh = Fresh::seeded([1; 32]);
        let (one, other) = (secret(&mut fresh), secret(&mut fresh));
        assert_ne!(one, other);
        assert_eq!(one.len(), 26);
        assert!(!one.contains(['i', 'l', 'o', 'u']) && one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}

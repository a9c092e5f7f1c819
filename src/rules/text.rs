//! Text that people type: one spelling for what looks the same, and nothing in it that nobody sees.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use zeroize::Zeroizing;

const BRAILLE_BLANK: char = '\u{2800}';

/// The text in composed form (Unicode NFC), without blanks around it and without what nobody sees: format characters
/// (category Cf: zero-width ones, soft hyphens, marks and overrides of direction, byte order marks, tags), fillers, and
/// variation selectors that choose between no two shapes. A joiner stays between letters that it shapes.
pub fn visible(text: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    let mut kept = String::with_capacity(composed.len());
    let mut rest = composed.chars().peekable();
    while let Some(c) = rest.next() {
        let before = kept.chars().next_back();
        if !is_unseen(c) || shapes(before, c, rest.peek().copied()) {
            kept.push(c);
        }
    }
    // What stood between a letter and its accent is gone.
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(kept.trim());
    composed.into_owned()
}

/// The text without blanks and what nobody sees at its ends; what is between stays as it is.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// Whether the text would not stay on one line, or would move the cursor: control characters, U+2028 and U+2029.
pub fn breaks_line(text: &str) -> bool {
    text.chars().any(is_break)
}

/// Whether a character ends a line or is a control character.
pub fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The text in decomposed form (Unicode NFD).
pub fn decomposed(text: &str) -> Cow<'_, str> {
    DecomposingNormalizerBorrowed::new_nfd().normalize(text)
}

/// A domain as people write it: lower case, with its letters in place of `xn--`. One that is no domain is put in lower
/// case.
pub fn domain_shown(domain: &str) -> String {
    shown(domain).unwrap_or_else(|| domain.to_lowercase())
}

/// A domain as the network knows it (IDNA, UTS #46 without transitional forms): ASCII, at most 253 octets, labels of 1
/// to 63. Typographic hyphens, which word processors write, are plain ones. `None`: it is no domain, or has a symbol or
/// sign that IDNA 2008 does not allow (RFC 5892).
pub fn domain_on_the_wire(domain: &str) -> Option<String> {
    let shown = shown(domain)?;
    let wire = Uts46::new().to_ascii(
        shown.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Verify,
    );
    wire.ok().map(Cow::into_owned)
}

/// The text with plain hyphens for the typographic ones that word processors write.
pub fn plain_hyphens(text: &str) -> String {
    text.replace(['\u{2010}', '\u{2011}'], "-")
}

/// A password in the one form that is hashed (RFC 8265 §4.2.2, OpaqueString): blanks of every kind are plain ones,
/// composed (Unicode NFC). Case, width and blanks around it stay as they are.
pub fn opaque(text: &str) -> Zeroizing<String> {
    let is_blank = |c: char| CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::SpaceSeparator;
    let plain = text.chars().map(|c| if is_blank(c) { ' ' } else { c });
    let mut spaced = Zeroizing::new(String::with_capacity(text.len()));
    spaced.extend(plain);
    composed(&spaced)
}

/// The text in composed form (Unicode NFC), wiped when dropped.
pub fn composed(text: &str) -> Zeroizing<String> {
    // Room for every composed form: no copy is left behind by growing.
    let mut composed = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    let normalizer = ComposingNormalizerBorrowed::new_nfc();
    if normalizer.normalize_to(text, &mut *composed).is_err() {
        unreachable!("writing into a String does not fail")
    }
    composed
}

/// `None`: it is no domain.
fn shown(domain: &str) -> Option<String> {
    let plain = plain_hyphens(domain);
    let (shown, sound) = Uts46::new().to_unicode(plain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    sound.ok()?;
    Some(shown.into_owned()).filter(|shown| shown.chars().all(is_of_domains))
}

/// What RFC 5892 §2 allows by its categories: letters, marks and decimal digits, and the signs of its appendix A. UTS
/// #46 judges the rest.
fn is_of_domains(c: char) -> bool {
    let is_sign = |c| {
        matches!(
            c,
            '\u{b7}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{200c}' | '\u{200d}' | '\u{30fb}'
        )
    };
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    c.is_ascii() || is_sign(c) || {
        let letters = GeneralCategoryGroup::Letter.union(GeneralCategoryGroup::Mark);
        letters.union(GeneralCategoryGroup::DecimalNumber).contains(category)
    }
}

fn is_unseen(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    category == GeneralCategory::Format
        || c == BRAILLE_BLANK
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether an unseen character changes how its neighbours look: joiners between letters of a script that joins them
/// (Arabic, those of India), and one variation selector behind a symbol or an ideograph.
fn shapes(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match c {
        '\u{200c}' | '\u{200d}' => joins(before) && after.is_some_and(joins),
        '\u{fe0e}' | '\u{fe0f}' => {
            let category = CodePointMapData::<GeneralCategory>::new().get(before);
            category == GeneralCategory::OtherSymbol || category == GeneralCategory::MathSymbol
        }
        '\u{e0100}'..='\u{e01ef}' => matches!(before, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'),
        _ => false,
    }
}

/// Arabic, Syriac, N'Ko, and the scripts of India and its neighbours, whose letters take other shapes beside a joiner.
fn joins(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{07ff}' | '\u{0840}'..='\u{0dff}' | '\u{1780}'..='\u{17ff}' | '\u{1800}'..='\u{18af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_gone_wherever_it_stands() {
        for unseen in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{2800}',
        ] {
            for text in [
                format!("{unseen}Mira"),
                format!("Mi{unseen}ra"),
                format!("Mira{unseen}"),
                format!(" {unseen} Mira {unseen}"),
            ] {
                assert_eq!(visible(&text), "Mira", "{:x}", u32::from(unseen));
            }
            assert_eq!(visible(&unseen.to_string()), "", "{:x}", u32::from(unseen));
        }
    }

    #[test]
    fn what_shapes_letters_stays() {
        for text in [
            "علی\u{200c}رضا",
            "क\u{94d}\u{200d}ष",
            "Mira \u{2764}\u{fe0f}",
            "葛\u{e0100}城",
            "Ö",
            "João",
            "Nguyễn",
        ] {
            assert_eq!(visible(text), text);
        }
        assert_eq!(
            visible("\u{2764}\u{fe0f}\u{fe0f}\u{fe0f}"),
            "\u{2764}\u{fe0f}",
            "no message is hidden there"
        );
    }

    #[test]
    fn composed_and_decomposed_letters_are_one() {
        assert_eq!(visible("Mu\u{308}ller"), "Müller");
        assert_eq!(visible("Mu\u{200b}\u{308}ller"), "Müller");
        assert_eq!(decomposed("Müller"), "Mu\u{308}ller");
    }

    /// RFC 8264 §7.1 and RFC 8265 §4.3.
    #[test]
    fn a_password_has_one_form_whatever_it_was_typed_on() {
        for text in [
            "caf\u{e9} 1\u{a0}Ω",
            "cafe\u{301}\u{2003}1\u{3000}\u{2126}",
            "caf\u{e9}\u{1680}1\u{202f}Ω",
        ] {
            assert_eq!(opaque(text).as_str(), "caf\u{e9} 1 Ω", "{text:?}");
        }
        for text in [" Ｊun ", "STRASSE", "straße", "\u{200d}", "a\tb"] {
            assert_eq!(opaque(text).as_str(), text, "stays as it is");
        }
    }

    /// IDNA 2008 (RFC 5891), UTS #46 without transitional forms: the four letters that IDNA 2003 lost.
    #[test]
    fn a_domain_keeps_the_letters_that_the_older_idna_replaced() {
        for (domain, wire) in [
            ("straße.de", "xn--strae-oqa.de"),
            ("STRAßE.de", "xn--strae-oqa.de"),
            ("xn--strae-oqa.de", "xn--strae-oqa.de"),
            ("faß.example", "xn--fa-hia.example"),
            ("βόλος.com", "xn--nxasmm1c.com"),
            ("نامه\u{200c}ای.com", "xn--mgba3gch31f060k.com"),
        ] {
            assert_eq!(domain_on_the_wire(&visible(domain)).as_deref(), Some(wire), "{domain}");
            assert_eq!(
                domain_on_the_wire(&domain_shown(domain)).as_deref(),
                Some(wire),
                "{domain}"
            );
        }
        assert_eq!(domain_on_the_wire("strasse.de").as_deref(), Some("strasse.de"));
        assert_eq!(domain_shown("xn--strae-oqa.de"), "straße.de");
    }

    #[test]
    fn every_spelling_of_a_domain_is_one() {
        for domain in [
            "bücher.example",
            "BÜCHER.Example",
            "bu\u{308}cher.example",
            "xn--bcher-kva.example",
            "XN--BCHER-KVA.example",
            "bücher。example",
        ] {
            assert_eq!(domain_shown(domain), "bücher.example");
            assert_eq!(domain_on_the_wire(domain).as_deref(), Some("xn--bcher-kva.example"));
        }
        assert_eq!(
            domain_on_the_wire("ex\u{2011}ample.org").as_deref(),
            Some("ex-ample.org")
        );
        assert_eq!(domain_shown("ex\u{2010}ample.org"), "ex-ample.org");
        for symbol in [
            "i♥.example",
            "xn--i-7iq.example",
            "☃.example",
            "a→b.example",
            "a\u{2013}b.example",
            "1½.example",
        ] {
            assert!(
                domain_on_the_wire(symbol).is_none_or(|wire| wire.is_ascii() && !wire.contains("xn--")),
                "{symbol}"
            );
        }
        assert_eq!(domain_on_the_wire("i♥.example"), None);
        assert!(domain_on_the_wire("l·l.example").is_some() && domain_on_the_wire("例え.example").is_some());
        assert_eq!(domain_on_the_wire("straße.de").as_deref(), Some("xn--strae-oqa.de"));
        for none in [
            "",
            ".",
            "a..b",
            "-a.b",
            "a_b.c",
            "a b.c",
            "xn--a.b",
            "a.b.",
            &"a".repeat(64),
        ] {
            assert_eq!(domain_on_the_wire(none), None, "{none}");
        }
    }
}

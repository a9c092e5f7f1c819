//! What holds for the words of every language.

use super::*;

/// Every text by its name: leaving one out does not compile.
fn all(texts: &Texts) -> Vec<(&'static str, &'static str)> {
    macro_rules! named {
        ($($name:ident),*) => {{
            let Texts { $($name,)* months: _ } = texts;
            vec![$((stringify!($name), *$name)),*]
        }};
    }
    named!(
        hello,
        sign_in,
        my_page,
        people_page,
        invite_subject,
        invite,
        invite_after,
        reset_subject,
        reset,
        reset_code,
        reset_warning,
        added_subject,
        added,
        added_from,
        added_advice,
        deleted_subject,
        deleted,
        deleted_from,
        deleted_advice,
        guessed_subject,
        guessed,
        guessed_advice,
        test_subject,
        test,
        date,
        first
    )
}

fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<_> = text
        .split('{')
        .skip(1)
        .map(|part| part.split('}').next().unwrap())
        .collect();
    places.sort_unstable();
    places
}

#[test]
fn every_language_has_every_text_with_every_place_at_a_like_length() {
    let english = all(of(Language::English));
    for language in Language::ALL {
        let texts = of(language);
        for ((name, text), (_, original)) in all(texts).into_iter().zip(&english) {
            assert_eq!(places(text), places(original), "{language:?} {name}");
            let (length, usual) = (text.chars().count(), original.chars().count());
            assert!(
                length > 0 && length <= usual * 8 / 5 + 24,
                "{language:?} {name}: {length} against {usual}"
            );
            assert_eq!(text.trim(), text, "{language:?} {name}");
        }
        assert!(
            texts.months.iter().all(|month| month.chars().count() >= 3),
            "{language:?}"
        );
        let mut months = texts.months.to_vec();
        months.sort_unstable();
        months.dedup();
        assert_eq!(months.len(), 12, "{language:?}");
    }
}

#[test]
fn no_text_is_left_in_english() {
    let english = all(of(Language::English));
    for language in [Language::German, Language::French, Language::Spanish] {
        for ((name, text), (_, original)) in all(of(language)).into_iter().zip(&english) {
            assert!(text != *original || name == "first", "{language:?} {name}");
        }
    }
}

#[test]
fn dates_are_those_of_the_calendar() {
    let date = |at| of(Language::English).date(Date(at));
    assert_eq!(date(0), "1 January 1970, 00:00 UTC");
    assert_eq!(date(951_782_400), "29 February 2000, 00:00 UTC");
    assert_eq!(date(1_795_420_800), "23 November 2026, 08:00 UTC");
    assert_eq!(date(4_107_542_399), "28 February 2100, 23:59 UTC");
}

#[test]
fn dates_are_written_as_each_language_writes_them() {
    let (first, later) = (Date(1_796_112_000), Date(1_795_420_800));
    let written = |language| (of(language).date(first), of(language).date(later));
    for (language, first, later) in [
        (
            Language::English,
            "1 December 2026, 08:00 UTC",
            "23 November 2026, 08:00 UTC",
        ),
        (
            Language::German,
            "1. Dezember 2026 um 08:00 Uhr (UTC)",
            "23. November 2026 um 08:00 Uhr (UTC)",
        ),
        (
            Language::French,
            "1er décembre 2026 à 08:00 (UTC)",
            "23 novembre 2026 à 08:00 (UTC)",
        ),
        (
            Language::Spanish,
            "1 de diciembre de 2026 a las 08:00 (UTC)",
            "23 de noviembre de 2026 a las 08:00 (UTC)",
        ),
    ] {
        assert_eq!(written(language), (first.to_owned(), later.to_owned()));
    }
}

#[test]
fn what_is_filled_in_has_no_places() {
    let filled = fill("{a} and {b}, {a}{none}.", &[("a", "{b}"), ("b", "}{")]);
    assert_eq!(filled, "{b} and }{, {b}.");
}

//! The languages of letters.

/// A language that letters are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Of whoever's is not known.
    #[default]
    English,
    /// With "Sie".
    German,
    /// With "vous".
    French,
    /// With "usted".
    Spanish,
}

/// Octets of the header field that are looked at, and ranges in it: browsers send a handful.
const OCTETS: usize = 512;

const RANGES: usize = 32;

/// What a range counts that says nothing (RFC 9110 §12.4.2), in thousandths.
const WHOLE: u16 = 1000;

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// Its tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// The one of ours that a browser's `Accept-Language` likes best (RFC 9110 §12.5.4); the first of those that it
    /// likes alike. `None`: it asks for none of them. Regions are not told apart, and a range that cannot be read is
    /// passed over.
    pub fn from_accept_language(field: &str) -> Option<Self> {
        let field = field.get(..field.len().min(OCTETS))?;
        let ranges = field.split(',').take(RANGES).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let language = Self::of_range(parts.next()?)?;
            let weight = match parts.next() {
                None => WHOLE,
                Some(parameter) => weight(parameter)?,
            };
            (weight > 0 && parts.next().is_none()).then_some((language, weight))
        });
        let best = ranges.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(language, _)| language)
    }

    fn of_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next()?;
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// `q=0.8` in thousandths.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !name.eq_ignore_ascii_case("q") || !digits {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(WHOLE),
        _ => None,
    }
}

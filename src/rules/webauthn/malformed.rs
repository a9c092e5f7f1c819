//! Why bytes were not what they claimed to be.

use std::fmt;

/// What is true of an input that no parser here accepts. Which structure it was is told by the step that refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Nested deeper than its limit.
    Deep,
    /// A member or map key that must be unique comes twice.
    Duplicate,
    /// Another type than the one that belongs here.
    Kind,
    /// Something follows the end.
    LeftOver,
    /// A required member is not there.
    Missing,
    /// A longer form than the one canonical form (CTAP2 canonical CBOR, DER, base64url).
    NotCanonical,
    /// Larger than its limit in [`super::limits`].
    Oversized,
    /// A value outside what the standard allows.
    Range,
    /// Ends before it is complete.
    Short,
    /// Text that is not UTF-8, or not the grammar.
    Text,
}

impl fmt::Display for Malformed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Deep => "nested too deeply",
            Self::Duplicate => "a member comes twice",
            Self::Kind => "a value of the wrong type",
            Self::LeftOver => "something follows the end",
            Self::Missing => "a required member is missing",
            Self::NotCanonical => "not in the canonical form",
            Self::Oversized => "too large",
            Self::Range => "a value out of range",
            Self::Short => "ends too early",
            Self::Text => "not well-formed text",
        })
    }
}

impl std::error::Error for Malformed {}

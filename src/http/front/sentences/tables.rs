//! What a table lacks.

/// The sentence of a table in which no column of that kind was found, called so.
pub(super) fn without(holds: &str, called: &str) -> String {
    format!("No column of this table holds {holds}. Call one {called} in the line with the headings.")
}

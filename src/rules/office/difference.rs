//! What a change altered, as the journal tells it: `name Mira → Mira Muster; e-mail none → mira@example.org`. Never a
//! secret.

use std::fmt::Display;

/// What was, and what is now, of each thing that was altered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference(String);

impl Difference {
    /// Tells both values, if they differ.
    pub fn between<T: Display + PartialEq>(mut self, what: &str, before: &T, after: &T) -> Self {
        if before != after {
            self.tell(what, &format!(" {before} → {after}"));
        }
        self
    }

    /// The same where there may be none.
    pub fn between_options<T: Display + PartialEq>(
        mut self,
        what: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Self {
        if before != after {
            let shown = |value: Option<&T>| value.map_or_else(|| "none".to_owned(), T::to_string);
            self.tell(what, &format!(" {} → {}", shown(before), shown(after)));
        }
        self
    }

    /// The same of a switch.
    pub fn between_switches(self, what: &str, before: bool, after: bool) -> Self {
        let shown = |on: bool| if on { "on" } else { "off" };
        self.between(what, &shown(before), &shown(after))
    }

    /// The same of a list; `empty`: what it means that there is nothing in it.
    pub fn between_lists<T: Display + PartialEq>(self, what: &str, before: &[T], after: &[T], empty: &str) -> Self {
        let shown = |list: &[T]| {
            let texts: Vec<String> = list.iter().map(T::to_string).collect();
            if texts.is_empty() {
                empty.to_owned()
            } else {
                texts.join(", ")
            }
        };
        self.between(what, &shown(before), &shown(after))
    }

    /// Tells that it was altered, without its values: they are too long for a line.
    pub fn altered<T: PartialEq>(mut self, what: &str, before: &T, after: &T) -> Self {
        if before != after {
            self.tell(what, "");
        }
        self
    }

    /// Whether nothing was altered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn tell(&mut self, what: &str, values: &str) {
        let separator = if self.0.is_empty() { "" } else { "; " };
        self.0.extend([separator, what, values]);
    }
}

//! Numbers as Prometheus reads them: its text format 0.0.4.
//!
//! Every label's value is a word of this program. No name, number, address, host, path or token is ever one, so how
//! many series there are is decided when the program is built, and what strangers do never adds one.

use std::fmt::Write;

/// The media type (Prometheus, Exposition formats).
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a family of numbers does.
#[derive(Clone, Copy)]
pub(super) enum MetricType {
    /// Goes up alone, and begins anew with the process.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// The text, family by family.
#[derive(Default)]
pub(super) struct Exposition(String);

impl Exposition {
    /// A family of one number.
    pub(super) fn one(&mut self, kind: MetricType, name: &'static str, help: &'static str, value: u64) {
        self.head(kind, name, help);
        self.line(format_args!("{name} {value}"));
    }

    /// A family of numbers that one label tells apart.
    pub(super) fn each(
        &mut self,
        kind: MetricType,
        (name, label): (&'static str, &'static str),
        help: &'static str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        self.head(kind, name, help);
        for (word, value) in values {
            self.line(format_args!("{name}{{{label}=\"{word}\"}} {value}"));
        }
    }

    /// The whole text.
    pub(super) fn text(self) -> String {
        self.0
    }

    fn head(&mut self, kind: MetricType, name: &'static str, help: &'static str) {
        let kind = match kind {
            MetricType::Counter => "counter",
            MetricType::Gauge => "gauge",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing into a text cannot fail.
        writeln!(self.0, "{line}").ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_help_its_type_and_its_numbers() {
        let mut page = Exposition::default();
        page.one(MetricType::Gauge, "a_bytes", "What it is.", 7);
        page.each(
            MetricType::Counter,
            ("b_total", "kind"),
            "Of them.",
            [("x", 1), ("y", 2)],
        );
        let expected = "# HELP a_bytes What it is.\n# TYPE a_bytes gauge\na_bytes 7\n# HELP b_total Of them.\n# TYPE \
                        b_total counter\nb_total{kind=\"x\"} 1\nb_total{kind=\"y\"} 2\n";
        assert_eq!(page.text(), expected);
    }
}

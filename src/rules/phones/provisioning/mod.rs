//! The files that phones fetch: pure functions from a record to bytes, one file per make.

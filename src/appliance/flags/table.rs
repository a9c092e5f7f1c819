//! The start-up flags as a table, which `--help` prints.

/// Every flag that takes a value: its name, the form of the value, what it does.
pub(super) const FLAGS: &[(&str, &str, &str)] = &[
    ("data", "DIR", "keep the store and its key in this folder"),
    (
        "name",
        "HOST",
        "the name that people type in; passkeys are bound to it (default: localhost)",
    ),
    (
        "origin",
        "URL",
        "where browsers find it if a proxy in front ends TLS: https://pbx.example.org",
    ),
    ("http", "ADDR:PORT", "serve plain HTTP here, or `off`"),
    (
        "https",
        "ADDR:PORT",
        "serve HTTPS here, or `off`; without --tls-cert under a CA of its own",
    ),
    (
        "sip",
        "ADDR:PORT",
        "serve phones over UDP and TCP here, or `off` (default: 0.0.0.0:5060 where phones are on)",
    ),
    (
        "sips",
        "ADDR:PORT",
        "serve phones over TLS here, or `off`; needs a certificate (default: 0.0.0.0:5061)",
    ),
    ("tls-cert", "FILE", "the certificate chain for HTTPS and phones, PEM"),
    ("tls-key", "FILE", "its private key, PEM"),
    (
        "admin-username",
        "NAME",
        "the administrator that the one-time password is for (default: admin)",
    ),
    (
        "admin-password",
        "SECRET",
        "a one-time password; seen by everybody on this machine, so prefer a file",
    ),
    (
        "admin-password-file",
        "FILE",
        "read the one-time password from a file's first line",
    ),
    (
        "admin-password-from",
        "SOURCE",
        "take it from the machine: machine-id, serial, dmi-uuid or a file",
    ),
    (
        "backup",
        "FILE",
        "write an encrypted backup of the stopped store into this file, and end",
    ),
    (
        "restore",
        "FILE",
        "put a backup in the place of the store, which is kept beside it, and end",
    ),
    (
        "backup-passphrase-file",
        "FILE",
        "read the passphrase of the backup from a file's first line; else it is asked for",
    ),
    (
        "standby",
        "PLACE",
        "be the spare: keep a copy of the backups in this folder or bucket (https://server/bucket/prefix)",
    ),
    (
        "bucket-key-file",
        "FILE",
        "read the bucket's access key, secret and region from this file, a line each",
    ),
    (
        "clock",
        "battery|none",
        "whether this machine's clock goes on while it is switched off (default: as the board says)",
    ),
    (
        "time-server",
        "HOST[:PORT]",
        "ask this time server for the date, or `off`; several with commas between (default: as set on the page)",
    ),
    (
        "date-is",
        "DATE",
        "this is the date (like 2026-11-30T08:00:00Z), or `now`: the clock is right; brings a store back that is ahead",
    ),
    (
        "trusted-proxy",
        "CIDR",
        "take this reverse proxy's word about callers; several with commas between",
    ),
];

/// Flags that can stand alone.
pub(super) const SWITCHES: &[(&str, &str, &str)] = &[
    (
        "factory-reset",
        "--factory-reset[=access]",
        "erase everything and start anew; `access`: only what administrators sign in with",
    ),
    (
        "hsts",
        "--hsts",
        "browsers come by HTTPS alone for 180 days; for certificates that all browsers know",
    ),
    (
        "no-announce",
        "--no-announce",
        "do not announce a name that ends in .local on the LAN",
    ),
    (
        "no-time-server",
        "--no-time-server",
        "nothing sets this machine's clock: go on from the newest date that is known",
    ),
    (
        "take-over",
        "--take-over",
        "the spare becomes the board, or a board that was replaced is the board again, and end",
    ),
    (
        "yes",
        "--yes",
        "do not ask before a factory reset, a restore, or bringing the date back",
    ),
];

/// The text of `--help`.
pub(in crate::appliance) fn help() -> String {
    let mut text = String::from("Usage: linekey [FLAGS]\n\nPasskey sign-in for a small office's telephone system.\n\n");
    for (name, value, does) in FLAGS {
        text.push_str(&format!("  {:<32}{does}\n", format!("--{name} {value}")));
    }
    for (_, form, does) in SWITCHES {
        text.push_str(&format!("  {form:<32}{does}\n"));
    }
    text.push_str("  --help                          show this list\n");
    text.push_str("  --version                       show the version and the board\n\n");
    text.push_str("Each flag can also be set in the environment: --tls-cert as LINEKEY_TLS_CERT, and so on.");
    text
}

/// Whether an argument's value is the next one.
pub(in crate::appliance) fn takes_value(argument: &str) -> bool {
    let name = argument.strip_prefix("--");
    FLAGS.iter().any(|(flag, ..)| name == Some(flag))
}

//! The tag of an account: what administrators can change of it.

use ipnet::IpNet;

use crate::http::front::etag;
use crate::rules::people::account::Account;

/// Its username, name and e-mail address, which password it has, and the ranges of an administrator.
pub fn of(account: &Account, ranges: &[IpNet]) -> String {
    let email = account.email.as_ref().map(|email| email.as_str());
    // Random, and another one for each password.
    let password = account.password.as_ref().map(|password| password.salt);
    etag::of(&(account.username(), account.name.as_str(), email, ranges, password))
}

//! FIDO U2F attestation (§8.6).

use super::super::public_key::{Key, Plain};
use super::subject_key::Scheme;
use super::{Malformed, Statement, Verified};

pub(super) fn verify<'a>(statement: &Statement<'a>) -> Result<Verified<'a>, Malformed> {
    statement.has_only(&["sig", "x5c"])?;
    let signature = statement.members.text("sig")?.bytes()?;
    let chain = statement.chain()?.ok_or(Malformed::Missing)?;
    let [certificate] = chain.as_slice() else {
        return Err(Malformed::Kind);
    };
    let (Key::Es256(_), Plain::Point { x, y }) = (statement.key, Plain::of(statement.attested.public_key)?) else {
        return Err(Malformed::Kind);
    };
    let message = [
        &[0],
        statement.parsed.rp_id_hash.as_slice(),
        statement.client_data_hash,
        statement.attested.credential_id,
        &[4],
        x,
        y,
    ]
    .concat();
    let holds = certificate.key.is_p256() && certificate.key.verify(Scheme::Ecdsa256, &message, signature);
    if holds {
        Ok(Verified::Certified(chain))
    } else {
        Err(Malformed::Range)
    }
}

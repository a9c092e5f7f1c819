/*
 * Telling the device what the server knows (WebAuthn Level 3 §5.1.10). Nobody waits for it for long, and a browser that
 * lacks it loses nothing.
 */

/**
 * The passkeys of this account that still work, and what the account is called: one after the other, as devices take
 * them.
 */
export async function accepted({ rp_id: rpId, user_id: userId, passkeys }, me) {
  const allAcceptedCredentialIds = passkeys.map((passkey) => passkey.id);
  await quietly("signalAllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds });
  await quietly("signalCurrentUserDetails", { rpId, userId, name: me.username, displayName: me.name });
}

/** A passkey that the server does not know; nothing where nobody can say which one. */
export function unknown(rpId, credentialId) {
  if (credentialId) quietly("signalUnknownCredential", { rpId, credentialId });
}

async function quietly(method, details) {
  try {
    await window.PublicKeyCredential?.[method]?.(details);
  } catch {
    // Nothing is lost.
  }
}

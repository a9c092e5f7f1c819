import { Told } from "./tell.js";

/*
 * WebAuthn's JSON forms (Level 3 §5.1.8, §5.1.9, §5.1.10), made from buffers and back. Browsers have functions for
 * that, but older ones lack them, and password managers put their own in their place: some throw, some write another
 * alphabet.
 */

/** Options of `navigator.credentials.create`, from their JSON form. */
export function creationOptions(json) {
  return {
    ...json,
    challenge: fromText(json.challenge),
    user: { ...json.user, id: fromText(json.user.id) },
    excludeCredentials: json.excludeCredentials?.map(descriptor),
  };
}

/** Options of `navigator.credentials.get`, from their JSON form. */
export function requestOptions(json) {
  return { ...json, challenge: fromText(json.challenge), allowCredentials: json.allowCredentials?.map(descriptor) };
}

const descriptor = (known) => ({ ...known, id: fromText(known.id) });

/** A new passkey in its JSON form. */
export const registration = (credential) =>
  written(credential, ({ response }) => ({
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    transports: attempt(() => [...response.getTransports()]) ?? [],
  }));

/** A passkey's answer in its JSON form. */
export const assertion = (credential) =>
  written(credential, ({ response }) => ({
    clientDataJSON: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle?.byteLength ? toText(response.userHandle) : null,
  }));

/** The name of a passkey, as the Signal API wants it; `null` where there is none to be read. */
export const nameOf = (credential) => attempt(() => toText(credential.rawId));

function written(credential, response) {
  try {
    const id = toText(credential.rawId);
    return {
      id,
      rawId: id,
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: attempt(() => ({ credProps: credential.getClientExtensionResults().credProps })) ?? {},
      response: response(credential),
    };
  } catch (error) {
    console.warn(error);
    throw new Told("passkey-unreadable");
  }
}

/** What is not needed may fail. */
function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

function toText(buffer) {
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  if (!bytes.length) throw new TypeError("no bytes");
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromText(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

import { call } from "./http.js";
import * as signal from "./signal.js";
import { Told } from "./tell.js";
import { assertion, creationOptions, nameOf, registration, requestOptions } from "./wire.js";
import { say } from "./words.js";

/** Whether this browser knows passkeys. */
const supported = () => Boolean(window.PublicKeyCredential && navigator.credentials);

/** Throws the sentence for a page on which no passkey can work; else what the appliance says of itself. */
export async function possible() {
  const site = await call("GET", "/api/site");
  const places = { origin: site.origin };
  if (location.origin !== site.origin && window.isSecureContext) throw new Told("wrong-address", { places });
  if (!window.isSecureContext) throw new Told("insecure", { places });
  if (!supported()) throw new Told("no-passkeys");
  return site;
}

/**
 * Asks for a passkey and sends its answer, the ticket and what is `said` besides to `finish`: what came back. One that
 * is unknown there leaves the device, which would offer it for ever. An error says whether somebody had `answered`.
 * `asked` is what the question says of itself.
 */
export async function use(begin, finish, { asked: question = {}, said = () => ({}), mediation, signal: ended } = {}) {
  const { ticket, publicKey } = await call("POST", begin, question);
  const options = { publicKey: requestOptions(publicKey), signal: ended };
  // Some take the member for a word of theirs even where it has no value.
  if (mediation) options.mediation = mediation;
  const credential = await asked(() => navigator.credentials.get(options));
  try {
    return await call("POST", finish, { ticket, credential: assertion(credential), ...said() });
  } catch (error) {
    error.answered = true;
    // The server gives every failed sign-in the same words. Nothing was typed here.
    if (error.code === "not-signed-in") error.message = say("tell.passkey-not-taken");
    if (error.code === "unknown-passkey") signal.unknown(publicKey.rpId, nameOf(credential));
    throw error;
  }
}

/** Asks for a new passkey of whoever is signed in: the passkey as the server keeps it. */
export async function create() {
  await possible();
  return keep({}, (options) => asked(() => navigator.credentials.create(options)));
}

/**
 * Asks the password manager to keep a passkey besides the password that it has just filled in, without a prompt
 * (conditional create, WebAuthn Level 3 §5.1.3). `null` where the browser cannot.
 */
export async function createQuietly(ended) {
  const able = await window.PublicKeyCredential?.getClientCapabilities?.();
  if (!supported() || !able?.conditionalCreate) return null;
  const quiet = { mediation: "conditional", signal: ended };
  return keep({ conditional: true }, (options) => navigator.credentials.create({ ...options, ...quiet }));
}

/**
 * Has a passkey made and kept. One that the server does not keep is taken back from the device, which offered it for
 * ever.
 */
async function keep(wanted, make) {
  const { ticket, publicKey } = await call("POST", "/api/me/passkeys/begin", wanted);
  const credential = await make({ publicKey: creationOptions(publicKey) });
  const forget = () => signal.unknown(publicKey.rp.id, nameOf(credential));
  let written;
  try {
    written = registration(credential);
  } catch (error) {
    // The server never saw it.
    forget();
    throw error;
  }
  try {
    return await call("POST", "/api/me/passkeys/finish", { ticket, credential: written });
  } catch (error) {
    if (error.refused) forget();
    throw error;
  }
}

async function asked(prompt) {
  try {
    return await prompt();
  } catch (error) {
    throw await cause(error);
  }
}

/** What a DOMException of WebAuthn means (§5.1.3, §5.1.4). A prompt that we took back ourselves stays as it is. */
async function cause(error) {
  switch (error?.name) {
    case "AbortError":
      return error;
    case "InvalidStateError":
      return new Told("already-registered");
    case "SecurityError":
      return new Told("wrong-address", { places: { origin: (await call("GET", "/api/site")).origin } });
    case "NotSupportedError":
    case "ConstraintError":
      return new Told("no-authenticator");
    case "NotAllowedError":
      // Chromium's words behind a certificate warning that was clicked away; other browsers say nothing.
      if (/certificate/i.test(error.message)) return untrusted();
      return new Told((await keepsPasskeys()) ? "cancelled" : "no-authenticator");
    default:
      // A password manager may throw anything.
      console.warn(error);
      return new Told("passkey-failed", { places: { what: error?.message || error?.name || String(error) } });
  }
}

/** The welcome page in the clear, where the appliance has one: nothing is to be trusted there. */
async function untrusted() {
  const { help } = await call("GET", "/api/site");
  return new Told("untrusted", { places: { page: `${help ?? `${location.origin}/trust`}?untrusted` } });
}

const keepsPasskeys = () =>
  PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.().catch(() => true) ?? true;

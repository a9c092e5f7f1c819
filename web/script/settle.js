import { createQuietly } from "./ceremony.js";
import { call } from "./http.js";
import { onward } from "./onward.js";
import * as signal from "./signal.js";

/** What a page is told that somebody comes to right from their sign-in. */
export const SIGNED_IN = "#signed-in";
/** What the first page is told when a passkey was made quietly on the way. */
export const MADE = "#made";

/** How long somebody on the way to another service waits for this, in milliseconds. */
const PATIENCE = 1500;

/** Tells the device which passkeys of whoever is signed in still work. */
export async function tellDevice(me) {
  const known = await call("GET", "/api/me/passkeys");
  await signal.accepted(known, me);
  return known.passkeys;
}

/**
 * What is settled with the device after a sign-in: nobody waits for it, and if it fails nothing is lost. `quietly`: a
 * passkey is made besides the password that somebody came in with just now.
 */
export async function settle(me, { quietly, signal: ended } = {}) {
  // In this order: the device must not be told of the passkeys before the new one when it has that already.
  const passkeys = await tellDevice(me);
  if (!quietly || me.session.by !== "password" || me.session.public_computer) return { passkeys };
  const made = await createQuietly(ended);
  return made ? { passkeys: await tellDevice(me), made } : { passkeys };
}

/** Goes where a sign-in leads. What our own pages would settle is settled before somebody leaves for another one. */
export async function arrive(next) {
  const target = onward(next);
  if (next !== "/home" || target === next) return location.assign(target + SIGNED_IN);
  const settled = call("GET", "/api/me").then((me) => settle(me, { quietly: true }));
  await Promise.race([settled.catch(() => {}), new Promise((over) => setTimeout(over, PATIENCE))]);
  location.assign(target);
}

/** What the page that led here says, once: the way back, a reload or another window is not told. */
export function said() {
  const { hash, pathname, search } = location;
  if (hash) history.replaceState(null, "", pathname + search);
  return hash;
}

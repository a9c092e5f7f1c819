import { createQuietly } from "./ceremony.js";
import { enter } from "./frame.js";
import { call } from "./http.js";
import * as signal from "./signal.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

const me = await enter();
const show = (id, text) => (document.getElementById(id).textContent = text);

show("greeting", say("home.hello", { name: me.name }));
showPasskeys(me.passkeys);
const until = { until: at(me.session.expires) };
show("session-note", say(me.session.public_computer ? "home.session-public" : "home.session", until));
if (me.extension) {
  document.getElementById("line").hidden = false;
  show("extension", me.extension);
}

function showPasskeys(count) {
  show("passkey-count", count);
  const advice = ["home.passkeys-none", "home.passkeys-one"][count] ?? "home.passkeys-some";
  show("passkey-advice", say(advice));
}

/** After a sign-in by password, once in a session: nobody waits for it, and if it fails nothing is lost. */
async function upgrade() {
  const { id, by, public_computer: passing } = me.session;
  if (by !== "password" || passing || sessionStorage.getItem("upgraded") === id) return;
  sessionStorage.setItem("upgraded", id);
  const passkey = await createQuietly();
  if (!passkey) return;
  const known = await call("GET", "/api/me/passkeys");
  showPasskeys(known.passkeys.length);
  signal.accepted(known, me);
  tell("passkey-made-quietly", passkey);
}

// In this order: the device must not be told of the passkeys before the new one when it has that already.
signal.accepted(await call("GET", "/api/me/passkeys"), me);
await upgrade().catch(() => {});

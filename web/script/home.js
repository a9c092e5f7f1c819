import { call } from "./http.js";
import { enter } from "./frame.js";
import * as signal from "./signal.js";
import { at } from "./time.js";
import { say } from "./words.js";

const me = await enter();
const show = (id, text) => (document.getElementById(id).textContent = text);

show("greeting", say("home.hello", { name: me.name }));
show("passkey-count", me.passkeys);
const advice = ["home.passkeys-none", "home.passkeys-one"][me.passkeys] ?? "home.passkeys-some";
show("passkey-advice", say(advice));
const until = { until: at(me.session.expires) };
show("session-note", say(me.session.public_computer ? "home.session-public" : "home.session", until));
if (me.extension) {
  document.getElementById("line").hidden = false;
  show("extension", me.extension);
}
signal.accepted(await call("GET", "/api/me/passkeys"), me);

import { confirmed, open } from "./ask.js";
import { on } from "./busy.js";
import { create } from "./ceremony.js";
import { enter } from "./frame.js";
import { call } from "./http.js";
import { preparePassword } from "./password.js";
import { proven } from "./prove.js";
import { badge, fill } from "./rows.js";
import * as signal from "./signal.js";
import { tell } from "./tell.js";
import { ago, at } from "./time.js";
import { say } from "./words.js";

const me = await enter();
const byId = (id) => document.getElementById(id);

async function showPasskeys() {
  const known = await call("GET", "/api/me/passkeys");
  byId("passkeys").replaceChildren();
  fill(byId("passkeys"), byId("passkey-row"), known.passkeys, writePasskey);
  signal.accepted(known, me);
}

function writePasskey(row, passkey) {
  row.dataset.passkey = passkey.id;
  row.querySelector("strong").textContent = passkey.name;
  if (passkey.synced) badge(row, say("me.synced"));
  const used = passkey.last_used
    ? say("me.passkey-used", { when: ago(passkey.last_used), address: passkey.address })
    : say("me.passkey-unused");
  row.querySelector("p").textContent = say("me.passkey-facts", { created: at(passkey.created), used });
  on(row.querySelector('[data-action="rename"]'), "click", () => rename(passkey));
  on(row.querySelector('[data-action="delete"]'), "click", () => remove(passkey));
}

function rename(passkey) {
  const dialog = byId("rename");
  const form = dialog.querySelector("form");
  form.elements.name.value = passkey.name;
  open(dialog);
  form.onsubmit = async (event) => {
    event.preventDefault();
    dialog.close();
    byId("passkeys").dispatchEvent(new CustomEvent("rename", { detail: { passkey, name: form.elements.name.value } }));
  };
}

on(byId("passkeys"), "rename", async ({ detail: { passkey, name } }) => {
  const renamed = await call("PATCH", `/api/me/passkeys/${passkey.id}`, { name });
  await showPasskeys();
  tell("passkey-renamed", { name: renamed.name });
});

async function remove(passkey) {
  const places = { name: passkey.name };
  const title = say("me.delete-title", places);
  if (!(await confirmed({ title, text: say("me.delete-text"), yes: say("delete") }))) return;
  await proven(() => call("DELETE", `/api/me/passkeys/${passkey.id}`));
  await showPasskeys();
  tell("passkey-deleted", places);
}

on(byId("make-passkey"), "click", async () => {
  const passkey = await proven(create);
  await showPasskeys();
  tell("passkey-made", { name: passkey.name });
});

async function showSessions() {
  const { sessions } = await call("GET", "/api/me/sessions");
  byId("sessions").replaceChildren();
  fill(byId("sessions"), byId("session-row"), sessions, writeSession);
  byId("end-others").hidden = sessions.length < 2;
}

function writeSession(row, session) {
  row.dataset.session = session.id;
  row.querySelector("strong").textContent = session.browser || say("me.no-browser");
  if (session.current) badge(row, say("me.this-browser"));
  row.querySelector("p").textContent = say("me.session-facts", {
    opened: at(session.opened),
    when: ago(session.last_used),
    address: session.address,
    expires: at(session.expires),
  });
  const end = row.querySelector('[data-action="end"]');
  end.hidden = session.current;
  on(end, "click", async () => {
    await call("DELETE", `/api/me/sessions/${session.id}`);
    await showSessions();
    tell("session-ended");
  });
}

on(byId("end-others"), "click", async () => {
  const question = { title: say("me.end-others-title"), text: say("me.end-others-text"), yes: say("me.end-others") };
  if (!(await confirmed(question))) return;
  await call("DELETE", "/api/me/sessions");
  await showSessions();
  tell("others-ended");
});

function showPassword(has) {
  byId("password-section").hidden = !me.may_set_password && !has;
  byId("password-state").textContent = say(has ? "me.password-set" : "me.password-none");
  byId("remove-password").hidden = !has;
}

preparePassword(me, () => {
  showPassword(true);
  tell("password-set");
});

on(byId("remove-password"), "click", async () => {
  const question = { title: say("me.remove-password-title"), text: say("me.remove-password-text") };
  if (!(await confirmed({ ...question, yes: say("me.remove-password") }))) return;
  await proven(() => call("DELETE", "/api/me/password"));
  showPassword(false);
  tell("password-removed");
});

showPassword(me.has_password);
await Promise.all([showPasskeys(), showSessions()]);

import { anotherName, chosen, confirmed } from "./ask.js";
import { on } from "./busy.js";
import { create } from "./ceremony.js";
import * as facts from "./facts.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { preparePassword } from "./password.js";
import { proven } from "./prove.js";
import { fill } from "./rows.js";
import * as signal from "./signal.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);

async function showPasskeys() {
  const known = await call("GET", "/api/me/passkeys");
  byId("passkeys").replaceChildren();
  fill(byId("passkeys"), byId("passkey-row"), known.passkeys, writePasskey);
  byId("delete-passkeys").hidden = known.passkeys.length < 2;
  signal.accepted(known, await entering);
}

function writePasskey(row, passkey) {
  facts.writePasskey(row, passkey);
  on(row.querySelector('[data-action="rename"]'), "click", () => rename(passkey));
  on(row.querySelector('[data-action="delete"]'), "click", () => remove(passkey));
}

async function rename(passkey) {
  const name = await anotherName({ title: say("me.rename-title"), name: passkey.name });
  if (name === null) return;
  const renamed = await call("PATCH", `/api/me/passkeys/${passkey.id}`, { name });
  await showPasskeys();
  tell("passkey-renamed", { name: renamed.name });
}

async function remove(passkey) {
  const places = { name: passkey.name };
  const title = say("me.delete-title", places);
  const end = await chosen({
    title,
    text: say("me.delete-text"),
    yes: say("delete"),
    choice: say("me.end-by-passkey"),
  });
  if (end === null) return;
  await proven(() => call("DELETE", `/api/me/passkeys/${passkey.id}?sessions=${end ? "end" : "keep"}`));
  await Promise.all([showPasskeys(), showSessions()]);
  tell("passkey-deleted", places);
}

on(byId("delete-passkeys"), "click", async () => {
  const question = { title: say("me.delete-all-title"), text: say("me.delete-all-text"), yes: say("me.delete-all") };
  const end = await chosen({ ...question, choice: say("me.end-by-passkey") });
  if (end === null) return;
  await proven(() => call("DELETE", `/api/me/passkeys?sessions=${end ? "end" : "keep"}`));
  await Promise.all([showPasskeys(), showSessions()]);
  tell("passkeys-deleted");
});

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
  facts.writeSession(row, session);
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

function showPassword(has, me) {
  byId("password-section").hidden = !me.may_set_password && !has;
  // Where it would be refused it is not offered; what is there can be taken away.
  for (const part of byId("set-password").querySelectorAll("[data-sets]")) part.hidden = !me.may_set_password;
  byId("password-state").textContent = say(has ? "me.password-set" : "me.password-none");
  byId("remove-password").hidden = !has;
}

on(byId("remove-password"), "click", async () => {
  const question = { title: say("me.remove-password-title"), text: say("me.remove-password-text") };
  if (!(await confirmed({ ...question, yes: say("me.remove-password") }))) return;
  await proven(() => call("DELETE", "/api/me/password"));
  showPassword(false, await entering);
  tell("password-removed");
});

function showApi({ api }) {
  byId("api-section").hidden = !api;
  byId("api-state").textContent = facts.ofApi(api);
}

on(byId("api-off"), "click", async () => {
  if (!(await confirmed({ title: say("api.off-title"), text: say("api.off-text"), yes: say("api.off") }))) return;
  const { username } = await entering;
  await proven(() => call("DELETE", `/api/administrators/${username}/api`));
  showApi({ api: null });
  tell("api-off");
});

await present(entering, async (me) => {
  preparePassword(me, () => {
    showPassword(true, me);
    tell("password-set");
  });
  showPassword(me.has_password, me);
  showApi(me);
  await Promise.all([showPasskeys(), showSessions()]);
});

import { chosen, confirmed } from "./ask.js";
import { on } from "./busy.js";
import * as facts from "./facts.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { fill } from "./rows.js";
import { tellDevice } from "./settle.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);

/** The lists of an account's passkeys and sessions; the answer shows them anew. `load` fetches the account again. */
export function prepareKeys(account, load) {
  async function remove(what, question, done) {
    if (question && !(await confirmed({ yes: say("delete"), ...question }))) return;
    await gone(what, done);
  }

  async function removePasskeys(what, question, done) {
    const end = await chosen({ yes: say("delete"), ...question, choice: say("account.end-by-passkey") });
    if (end !== null) await gone(`${what}?sessions=${end ? "end" : "keep"}`, done);
  }

  async function gone(what, done) {
    await proven(() => call("DELETE", `${account().address}/${what}`));
    await load();
    tell(done, account());
    if (account().you) await tellDevice(await call("GET", "/api/me"));
  }

  function writePasskey(row, passkey) {
    facts.writePasskey(row, passkey);
    const question = { title: say("account.delete-passkey-title", passkey), text: say("account.delete-passkey-text") };
    const button = row.querySelector('[data-action="delete"]');
    on(button, "click", () => removePasskeys(`passkeys/${passkey.id}`, question, "account-passkey-deleted"));
  }

  function writeSession(row, session) {
    facts.writeSession(row, session);
    const button = row.querySelector('[data-action="end"]');
    button.hidden = session.current;
    on(button, "click", () => remove(`sessions/${session.id}`, null, "session-ended"));
  }

  on(byId("delete-passkeys"), "click", () => {
    const question = {
      title: say("account.delete-passkeys-title", account()),
      text: say("account.delete-passkeys-text"),
    };
    return removePasskeys("passkeys", { ...question, yes: say("account.delete-passkeys") }, "account-passkeys-deleted");
  });

  on(byId("end-sessions"), "click", () => {
    const text = say(account().you ? "account.end-sessions-yours" : "account.end-sessions-text");
    const question = { title: say("account.end-sessions-title", account()), text, yes: say("account.end-sessions") };
    return remove("sessions", question, "account-sessions-ended");
  });

  function list(name, rows, write) {
    byId(name).replaceChildren();
    fill(byId(name), byId(`${name.slice(0, -1)}-row`), rows, write);
    byId(`no-${name}`).hidden = rows.length > 0;
  }

  return () => {
    const { passkey_list: passkeys, session_list: sessions } = account();
    list("passkeys", passkeys, writePasskey);
    list("sessions", sessions, writeSession);
    byId("delete-passkeys").hidden = passkeys.length < 2;
    byId("end-sessions").hidden = sessions.length < 2;
  };
}

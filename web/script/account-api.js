import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { ofApi } from "./facts.js";
import { call } from "./http.js";
import { prepareOnce } from "./once.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);

/** What programs may do in an administrator's name; the answer shows it anew. `load` fetches the account again. */
export function prepareApi(account, load) {
  const showSecret = prepareOnce("secret", "secret-copied");
  on(byId("api-on"), "click", async () => {
    const question = {
      title: say("account.api-anew-title"),
      text: say("account.api-anew-text"),
      yes: say("account.api-anew"),
    };
    if (account().api && !(await confirmed(question))) return;
    const { username, secret } = await proven(() => call("POST", `${account().address}/api`));
    await load();
    byId("secret-username").textContent = username;
    showSecret(secret);
  });

  on(byId("api-off"), "click", async () => {
    const question = { title: say("api.off-title"), text: say("api.off-text"), yes: say("api.off") };
    if (!(await confirmed(question))) return;
    await proven(() => call("DELETE", `${account().address}/api`));
    await load();
    tell("api-off");
  });

  return () => {
    const { api } = account();
    byId("api-state").textContent = ofApi(api);
    byId("api-on").textContent = say(api ? "account.api-anew" : "account.api-on");
    byId("api-off").hidden = !api;
  };
}

import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { ofAccount } from "./facts.js";
import { call } from "./http.js";
import { afterwards, makeLink, showLink } from "./invite.js";
import { proven } from "./prove.js";
import { badge } from "./rows.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

/** Writes an account into its row. `path` is its page, and below `/api` its address. */
export function writeAccount(row, account, path, further) {
  const link = row.querySelector("strong a");
  link.textContent = account.name;
  link.href = path;
  if (account.invited_until) badge(row, say("invite.out"));
  row.querySelector("p").textContent = [...further, ofAccount(account)].filter(Boolean).join(" · ");
  on(row.querySelector('[data-action="invite"]'), "click", async () => {
    const question = {
      title: say("invite.confirm-title", account),
      text: say("invite.confirm-text"),
      yes: say("invite.confirm-yes"),
    };
    if (!(await confirmed({ ...question, bad: false }))) return;
    const named = { name: account.name, address: `/api${path}` };
    const made = await makeLink(named);
    badge(row, say("invite.out"));
    showLink(named, made);
  });
}

/**
 * Makes a form add accounts; `added` finds path, account and link in the answer, `show` shows a new one in the list:
 * its row.
 */
export function prepareAdding(form, address, added, show) {
  on(form, "submit", async () => {
    const card = Object.fromEntries(new FormData(form));
    const { path, account, invite } = added(await proven(() => call("POST", address, card)));
    form.reset();
    const row = await show(account);
    showLink({ name: account.name, address: `/api${path}` }, invite);
    afterwards(() => row.scrollIntoView({ block: "center" }));
  });
}

/** Says what the page that sent somebody here has done. */
export function tellWhatWasDone() {
  if (location.search !== "?deleted") return;
  history.replaceState(null, "", location.pathname);
  tell("account-deleted");
}

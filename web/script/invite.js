import { open } from "./ask.js";
import { on } from "./busy.js";
import { copy } from "./copy.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("invite");
const where = { where: "invite-tell" };
let shown;

/**
 * Makes another link for an account; it ends the older one. With `hand_over` it is shown even if it could be mailed.
 */
export const makeLink = (account, said = {}) => proven(() => call("POST", `${account.address}/invite`, said));

/** Shows an account's new link, or where it was mailed. The account: `{name, address}`, its address in the API. */
export function showLink(account, { link, until, qr, mailed_to: mailedTo }) {
  shown = account;
  byId("invite-title").textContent = say("invite.title", account);
  byId("invite-tell").replaceChildren();
  byId("invite-shown").hidden = !link;
  byId("invite-mailed").hidden = !mailedTo;
  byId("invite-mailed-to").textContent = say("invite.mailed", { to: mailedTo, until: at(until) });
  byId("invite-link").textContent = link;
  byId("invite-until").textContent = say("invite.until", { until: at(until) });
  const code = byId("invite-qr");
  code.toggleAttribute("hidden", !qr);
  if (qr) {
    // The quiet zone of four modules belongs to the code.
    code.setAttribute("viewBox", `-4 -4 ${qr.size + 8} ${qr.size + 8}`);
    code.querySelector("path").setAttribute("d", qr.path);
  }
  if (!dialog.open) open(dialog);
}

/** Runs something once the link is put away: what had the focus before has it again then. */
export const afterwards = (work) => dialog.addEventListener("close", work, { once: true });

on(
  byId("copy-link"),
  "click",
  async () => {
    await copy(byId("invite-link"));
    dialog.close();
    tell("copied");
  },
  where,
);

on(byId("hand-over"), "click", async () => showLink(shown, await makeLink(shown, { hand_over: true })), where);

import { prepareApi } from "./account-api.js";
import { prepareKeys } from "./account-keys.js";
import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { Card } from "./card.js";
import { ofAccount } from "./facts.js";
import { enter, present } from "./frame.js";
import { call, change } from "./http.js";
import { makeLink, showLink } from "./invite.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);
const [, group, username] = location.pathname.split("/");
const kind = group === "people" ? "person" : "administrator";
// What the forms send is for the account as it was shown; `account` is that.
let account = { address: `/api/${group}/${username}` };
let tag = null;
let mail = false;

for (const element of document.querySelectorAll("[data-kind]")) element.hidden = element.dataset.kind !== kind;
byId("back").href = `/${group}`;
byId("back").textContent = say(kind === "person" ? "account.back-people" : "account.back-administrators");
// A field that is not shown is not sent.
const form = byId("card");
for (const field of [form.elements.extension, form.elements.username, form.elements.ranges])
  field.disabled = Boolean(field.closest("[hidden]"));
const card = new Card(
  () => Object.fromEntries(new FormData(form)),
  (values) => {
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  },
);

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const shown = entering.then(load).then(() => fillCard());
const keys = prepareKeys(() => account, load);
const api = kind === "administrator" ? prepareApi(() => account, load) : () => {};

async function load() {
  const address = account.address;
  const [detail, known] = await Promise.all([change("GET", address), call("GET", "/api/mail")]);
  account = { ...detail.json, address };
  tag = detail.tag;
  mail = Boolean(known.relay && account.email);
  show();
}

function show() {
  const number = account.extension ?? account.username;
  byId("title").textContent = account.name;
  byId("facts").textContent = `${number} · ${ofAccount(account)}${account.you ? ` · ${say("account.you")}` : ""}`;
  document.title = `${account.name} · Linekey`;
  const until = account.invited_until;
  byId("link-state").textContent = until ? say("account.link-out", { until: at(until) }) : say("account.link-none");
  byId("send-link").hidden = !mail;
  byId("make-link").textContent = say(mail ? "account.hand-link" : "account.make-link");
  byId("revoke-link").hidden = !until;
  // For password managers: whose password it is.
  byId("password").elements.username.value = number;
  byId("password-state").textContent = say(account.has_password ? "account.password-set" : "account.password-none");
  byId("remove-password").hidden = !account.has_password;
  keys();
  api();
}

/** Not with every look at the account: what is being typed stays. */
function fillCard(how) {
  const { extension = "", username = "", name, email, ranges = [] } = account;
  card.show({ extension, username, name, email: email ?? "", ranges: ranges.join("\n") }, tag, how);
}

on(form, "submit", async () => {
  await shown;
  const said = card.changed();
  if ("ranges" in said) said.ranges = said.ranges.split(/[\s,]+/).filter(Boolean);
  const reload = async () => {
    await load();
    fillCard({ keep: true });
  };
  const { json: changed } = await card.save(account.address, said, reload);
  account.address = `/api/${group}/${changed.extension ?? changed.username}`;
  history.replaceState(null, "", account.address.slice("/api".length));
  await load();
  fillCard();
  tell(changed.link_ended ? (mail ? "account-changed-send" : "account-changed-link") : "account-changed", changed);
  // The button for another link, once the sentence is read.
  if (changed.link_ended) byId(mail ? "send-link" : "make-link").focus({ preventScroll: true });
});

async function link(said) {
  await shown;
  const made = await makeLink(account, said);
  await load();
  showLink(account, made);
}

on(byId("send-link"), "click", () => link({}));
on(byId("make-link"), "click", () => link({ hand_over: true }));
on(byId("revoke-link"), "click", async () => {
  await proven(() => call("DELETE", `${account.address}/invite`));
  await load();
  tell("link-revoked");
});

/** A change of the account as it is shown. If it is another by now, that one is shown. */
async function ofThis(method, part, said) {
  try {
    return await proven(() => change(method, `${account.address}${part}`, said, tag));
  } catch (error) {
    if (error.code === "stale") await load();
    throw error;
  }
}

on(byId("password"), "submit", async () => {
  await shown;
  const { password } = byId("password").elements;
  await ofThis("POST", "/password", { password: password.value });
  byId("password").reset();
  await load();
  tell("account-password-set", account);
});

on(byId("remove-password"), "click", async () => {
  const question = { title: say("account.remove-password-title", account), text: say("account.remove-password-text") };
  if (!(await confirmed({ ...question, yes: say("account.remove-password") }))) return;
  await ofThis("DELETE", "/password");
  await load();
  tell("account-password-removed", account);
});

on(byId("delete"), "click", async () => {
  await shown;
  const question = {
    title: say("account.delete-title", account),
    text: say("account.delete-text"),
    yes: say("delete"),
  };
  if (!(await confirmed(question))) return;
  await proven(() => call("DELETE", account.address));
  location.assign(`/${group}?deleted`);
});

await present(entering, () => shown);

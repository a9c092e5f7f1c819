import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { call, change } from "./http.js";
import { proven } from "./prove.js";
import { tell, tellError } from "./tell.js";
import { at } from "./time.js";
import { has, say } from "./words.js";

/** While an order is under way, this often is looked how it fares. */
const LOOK_MS = 2000;

const byId = (id) => document.getElementById(id);
const form = byId("acme");
const { source, ca, contact, directory, is_test, roots, challenge, is_strict, terms_accepted } = form.elements;
let shown;
/** The state of the choice that is shown. */
let tag = null;

function show({ json: now, tag: read }) {
  tag = read;
  shown = now;
  const { choice, possible, name_is_public, lets_encrypt, lets_encrypt_staging } = now;
  const known = { [lets_encrypt]: "production", [lets_encrypt_staging]: "staging" };
  source.value = choice && possible ? "acme" : "office";
  ca.value = choice ? (known[choice.directory] ?? "other") : "production";
  contact.value = choice?.contact ?? "";
  directory.value = ca.value === "other" ? choice.directory : "";
  is_test.checked = choice?.is_test ?? false;
  roots.value = choice?.roots ?? "";
  challenge.value = choice?.challenge ?? "tls-alpn-01";
  is_strict.checked = choice?.is_strict ?? false;
  terms_accepted.checked = choice !== null;
  for (const way of source)
    way.disabled = way.value === "files" || !possible || (way.value === "acme" && !name_is_public && !choice);
  byId("order-now").hidden = !choice || !possible;
  form.querySelector("button.main").disabled = !possible;
  unfold();
  showState(now);
}

function fill(id, text) {
  byId(id).hidden = !text;
  byId(id).textContent = text || "";
}

function showState({ choice, serves_test, under_way, next, tried, trouble }) {
  byId("acme-state").hidden = !choice;
  byId("acme-test").hidden = !serves_test;
  fill("acme-now", under_way && say("acme.under-way"));
  const failed = under_way ? null : trouble;
  fill("acme-failed", failed && say("acme.failed", { tried: at(tried) }));
  fill("acme-said", failed && say(failed.kind ? "acme.said-kind" : "acme.said", failed));
  fill("acme-address", failed?.address && say("acme.address", failed));
  const hint = `acme.hint.${failed?.hint}`;
  fill("acme-hint", has(hint) && say(hint, failed));
  fill("acme-next", !under_way && next && say(failed ? "acme.again" : "acme.next", { next: at(next) }));
}

/** Why there is nothing to choose, once it is known what is served and under what name. */
function explain({ certificate, name_in_use }) {
  const isFiles = certificate?.source === "files";
  if (isFiles) source.value = "files";
  const why = isFiles
    ? "acme.by-files"
    : !shown.possible
      ? "acme.no-https"
      : !shown.name_is_public && "acme.not-public";
  fill("acme-impossible", why && say(why, { name: name_in_use }));
}

function unfold() {
  byId("acme-fields").hidden = source.value !== "acme";
  byId("acme-other").hidden = ca.value !== "other";
  byId("terms-link").hidden = ca.value === "other";
}
for (const way of source) way.addEventListener("change", unfold);
ca.addEventListener("change", () => {
  // Other terms are to be read.
  terms_accepted.checked = false;
  unfold();
});

let looking = 0;

/** Looks until no order is under way. */
async function follow() {
  const mine = ++looking;
  for (let first = true; mine === looking; first = false) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    const now = await call("GET", "/api/acme").catch(() => null);
    if (now === null || mine !== looking) return;
    showState(now);
    if (!now.under_way && !first) return;
  }
}

/** A change of the choice as it is shown. If it is another by now, that one is shown. */
async function sent(method, said) {
  try {
    return await proven(() => change(method, "/api/acme", said, tag));
  } catch (error) {
    if (error.code === "stale") show(await change("GET", "/api/acme"));
    throw error;
  }
}

on(form, "submit", async () => {
  if (source.value !== "acme") {
    if (!shown.choice) return;
    const question = { title: say("acme.off-title"), text: say("acme.off-text"), yes: say("acme.off-yes") };
    if (!(await confirmed(question))) return;
    await sent("DELETE");
    show(await change("GET", "/api/acme"));
    tell("saved");
    return;
  }
  const places = { production: shown.lets_encrypt, staging: shown.lets_encrypt_staging };
  const isOther = ca.value === "other";
  const said = {
    directory: isOther ? directory.value : places[ca.value],
    is_test: isOther && is_test.checked,
    contact: contact.value,
    roots: isOther ? roots.value : "",
    challenge: challenge.value,
    is_strict: is_strict.checked,
    terms_accepted: terms_accepted.checked,
  };
  show(await sent("PUT", said));
  tell("saved");
  follow();
});

on(byId("order-now"), "click", async () => {
  show(await proven(() => change("POST", "/api/acme/order")));
  follow();
});

try {
  show(await change("GET", "/api/acme"));
  explain(await call("GET", "/api/settings"));
  if (shown.under_way) follow();
} catch (error) {
  tellError(error);
}

import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { Card } from "./card.js";
import { enter, present } from "./frame.js";
import { call, change } from "./http.js";
import { proven } from "./prove.js";
import { forgetRename, prepareRename, renaming, showRename } from "./site-name.js";
import { tell, tellError } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

const NUMBERS = ["session_hours", "invite_hours", "reset_minutes"];
const SWITCHES = ["people_set_passwords", "people_set_sip_passwords"];

// The button works from the first moment, not only once it is known who is here.
const entering = enter();
const shown = entering.then(() => load());
const form = document.getElementById("settings");
const { name, attestation, models, roots } = form.elements;
let settings;

const card = new Card(
  () => {
    const read = {
      name: name.value.trim().toLowerCase(),
      attestation: attestation.value,
      models: models.value,
      roots: roots.value,
    };
    for (const field of NUMBERS) read[field] = form.elements[field].value;
    for (const field of SWITCHES) read[field] = form.elements[field].checked;
    return read;
  },
  (values) => {
    for (const [field, value] of Object.entries(values))
      form.elements[field][SWITCHES.includes(field) ? "checked" : "value"] = value;
  },
);

const load = async (how) => show(await change("GET", "/api/settings"), how);

function show({ json: now, tag }, how) {
  settings = now;
  const { required, models, roots } = now.attestation;
  const values = { name: now.name, attestation: required ? "attested" : "any", models: models.join("\n"), roots };
  for (const field of [...NUMBERS, ...SWITCHES]) values[field] = now[field];
  card.show(values, tag, how);
  unfold();
  showName(now);
  showBound();
  showCertificate(now);
  const proxies = document.getElementById("proxies");
  proxies.hidden = !now.trusted_proxies.length;
  proxies.textContent = say("settings.proxies", { proxies: now.trusted_proxies.join(", ") });
}

function showName(now) {
  name.disabled = now.name_fixed_by_flag;
  const note = document.getElementById("name-note");
  const later = now.name !== now.name_in_use;
  note.hidden = !later && !now.name_fixed_by_flag;
  note.textContent = now.name_fixed_by_flag
    ? say("settings.name-flag")
    : say("settings.name-later", { name: now.name, now: now.name_in_use });
}

/** What the name that is typed would change for whom. */
const showBound = () => showRename(name.value.trim().toLowerCase(), settings).catch(tellError);

name.addEventListener("input", showBound);
prepareRename(showBound);

/** What browsers will not like of the certificate, in the appliance's words. */
function showDoubts(doubts) {
  const list = document.getElementById("certificate-doubts");
  list.hidden = doubts.length === 0;
  list.replaceChildren(
    ...doubts.map((doubt) => {
      const line = document.createElement("li");
      line.textContent = `${doubt.charAt(0).toUpperCase()}${doubt.slice(1)}.`;
      return line;
    }),
  );
}

function showCertificate({ certificate, on_lan, name_in_use }) {
  const fill = (id, text) => {
    const line = document.getElementById(id);
    line.hidden = !text;
    line.textContent = text;
  };
  fill("name-taken", on_lan.taken_by && say("settings.name-taken", { by: on_lan.taken_by, name: name_in_use }));
  document.getElementById("name-withheld").hidden = !on_lan.withheld_by;
  if (on_lan.withheld_by) {
    const { withheld_by: by, withheld_address: address } = on_lan;
    fill("withheld-text", say("settings.withheld", { by, name: name_in_use }));
    fill("withheld-entry", `${name_in_use} → ${address}`);
    fill("withheld-line", `rebind-domain-ok=/${name_in_use}/ address=/${name_in_use}/${address}`);
  }
  const { source, issuer, until, names, addresses, authority_fingerprint } = certificate ?? { source: "none" };
  fill(
    "certificate-kind",
    say(`settings.certificate-${source}`, { issuer: issuer ?? "?", until: until ? at(until) : "" }),
  );
  fill(
    "certificate-for",
    certificate && say("settings.certificate-for", { names: [...names, ...addresses].join(", ") }),
  );
  showDoubts(certificate?.doubts ?? []);
  fill(
    "certificate-print",
    source === "office" && say("settings.certificate-print", { fingerprint: authority_fingerprint }),
  );
  fill(
    "authority-ends",
    certificate?.authority_ends_soon && say("settings.authority-ends", { until: at(certificate.authority_until) }),
  );
  document.getElementById("authority-row").hidden = !certificate?.authority_ends_soon;
  document.getElementById("certificate-help").hidden = source !== "office";
}

on(document.getElementById("authority-new"), "click", async () => {
  const question = {
    title: say("settings.authority-title"),
    text: say("settings.authority-text"),
    yes: say("settings.authority-new"),
  };
  if (!(await confirmed(question))) return;
  await proven(() => call("DELETE", "/api/authority"));
  tell("authority-new");
});

function unfold() {
  document.getElementById("attested").hidden = attestation.value !== "attested";
}
for (const choice of attestation) choice.addEventListener("change", unfold);

/** What a form that shows no list says about it is what was there before. */
const welcome = () =>
  attestation.value === "attested"
    ? { required: true, models: models.value.split(/[\s,]+/).filter(Boolean), roots: roots.value }
    : { ...settings.attestation, required: false };

on(form, "submit", async () => {
  await shown;
  const changed = card.changed();
  const changes = {};
  for (const field of NUMBERS) if (field in changed) changes[field] = Number(changed[field]);
  for (const field of SWITCHES) if (field in changed) changes[field] = changed[field];
  if (["attestation", "models", "roots"].some((field) => field in changed)) changes.attestation = welcome();
  const { name: wanted } = changed;
  if (wanted !== undefined && !settings.name_fixed_by_flag) {
    const besides = await renaming(wanted, settings.name_in_use);
    if (besides === null) return;
    Object.assign(changes, besides, { name: wanted });
  }
  forgetRename();
  show(await card.save("/api/settings", changes, () => load({ keep: true })));
  tell("saved");
});

await present(entering, () => shown);

import { confirmed, open } from "./ask.js";
import { on } from "./busy.js";
import { enter } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { badge, fill } from "./rows.js";
import { tell } from "./tell.js";
import { ago, at } from "./time.js";
import { say } from "./words.js";

await enter();
const byId = (id) => document.getElementById(id);
const list = byId("people");
const address = (person) => `/api/people/${person.extension}`;
let next = null;

async function showPage(after) {
  const query = after ? `?after=${after}` : "";
  const page = await call("GET", `/api/people${query}`);
  if (!after) list.replaceChildren();
  fill(list, byId("person-row"), page.people, write);
  next = page.next;
  byId("more").hidden = !next;
  byId("nobody").hidden = list.children.length > 0;
}

function write(row, person) {
  row.dataset.extension = person.extension;
  row.querySelector(".extension").textContent = person.extension;
  row.querySelector("strong").textContent = person.name;
  if (person.invited_until) badge(row, say("people.invited"));
  const passkeys = say(`people.passkeys-${Math.min(person.passkeys, 2) === 2 ? "n" : person.passkeys}`, { count: person.passkeys });
  const seen = person.last_seen ? say("people.seen", { when: ago(person.last_seen) }) : say("people.unseen");
  const facts = say("people.facts", { passkeys, seen });
  row.querySelector("p").textContent = person.email ? `${person.email} · ${facts}` : facts;
  on(row.querySelector('[data-action="invite"]'), "click", () => invite(person));
  on(row.querySelector('[data-action="edit"]'), "click", () => edit(person));
  on(row.querySelector('[data-action="delete"]'), "click", () => remove(person));
}

function showInvite(person, { link, until, qr }) {
  byId("invite-title").textContent = say("people.invite-title", { name: person.name });
  byId("invite-link").textContent = link;
  byId("invite-until").textContent = say("people.invite-until", { until: at(until) });
  const code = byId("invite-qr");
  code.toggleAttribute("hidden", !qr);
  if (qr) {
    // The quiet zone of four modules belongs to the code.
    code.setAttribute("viewBox", `-4 -4 ${qr.size + 8} ${qr.size + 8}`);
    code.querySelector("path").setAttribute("d", qr.path);
  }
  open(byId("invite"));
}

on(byId("add-person"), "submit", async () => {
  const form = byId("add-person");
  const card = Object.fromEntries(new FormData(form));
  const { person, invite } = await proven(() => call("POST", "/api/people", card));
  form.reset();
  await showPage();
  showInvite(person, invite);
});

async function invite(person) {
  const title = say("people.invite-confirm-title", { name: person.name });
  const question = { title, text: say("people.invite-confirm-text"), yes: say("people.invite-yes"), bad: false };
  if (!(await confirmed(question))) return;
  const made = await proven(() => call("POST", `${address(person)}/invite`, {}));
  await showPage();
  showInvite(person, made);
}

let edited;

function edit(person) {
  edited = person;
  const form = byId("edit");
  for (const field of ["extension", "name", "email"]) form.elements[field].value = person[field] ?? "";
  open(byId("edit-dialog"));
}

on(byId("edit"), "submit", async () => {
  const card = Object.fromEntries(new FormData(byId("edit")));
  const changed = await proven(() => call("PATCH", address(edited), card));
  byId("edit-dialog").close();
  await showPage();
  tell("person-changed", { name: changed.name });
}, { where: "edit-tell" });

async function remove(person) {
  const title = say("people.delete-title", person);
  if (!(await confirmed({ title, text: say("people.delete-text", person), yes: say("delete") }))) return;
  await proven(() => call("DELETE", address(person)));
  await showPage();
  tell("person-deleted", person);
}

on(byId("copy-link"), "click", async () => {
  await navigator.clipboard.writeText(byId("invite-link").textContent);
  byId("invite").close();
  tell("copied");
});
on(byId("more"), "click", () => showPage(next));

await showPage();

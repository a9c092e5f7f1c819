import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { call, change } from "./http.js";
import { proven } from "./prove.js";
import { badge, fill } from "./rows.js";
import { tell, tellError } from "./tell.js";
import { at } from "./time.js";
import { has, say } from "./words.js";

/** The port that goes with each kind of line (RFC 8314 §3.3, RFC 6409 §3.1, RFC 5321 §4.5.4.2). */
const USUAL = { tls: "465", starttls: "587", none: "25" };

const byId = (id) => document.getElementById(id);
const form = byId("relay");
const { server, port, security, username, password, sender, roots } = form.elements;

/** The state of the mail server that is shown. */
let tag = null;

function show({ json: { relay }, tag: shown }) {
  tag = shown;
  form.reset();
  if (relay) {
    server.value = relay.server;
    port.value = relay.port;
    security.value = relay.security;
    username.value = relay.username ?? "";
    sender.value = relay.sender;
    roots.value = relay.roots ?? "";
  }
  roots.closest("details").open = Boolean(relay?.roots);
  byId("kept").hidden = !relay?.has_password;
  byId("remove-relay").hidden = !relay;
  byId("try").hidden = !relay;
  byId("answer").hidden = true;
  warn();
}

function warn() {
  byId("in-the-clear").hidden = security.value !== "none";
}

security.addEventListener("change", () => {
  if (Object.values(USUAL).includes(port.value)) port.value = USUAL[security.value];
  warn();
});

/** A change of the mail server as it is shown. If it is another by now, that one is shown. */
async function sent(method, said) {
  try {
    return await proven(() => change(method, "/api/mail", said, tag));
  } catch (error) {
    if (error.code === "stale") show(await change("GET", "/api/mail"));
    throw error;
  }
}

on(form, "submit", async () => {
  const said = {
    server: server.value,
    port: Number(port.value),
    security: security.value,
    username: username.value,
    sender: sender.value,
    roots: roots.value,
  };
  // Without the field the password that is kept stays.
  if (password.value) said.password = password.value;
  show(await sent("PUT", said));
  tell("saved");
  await showOutbox();
});

on(byId("remove-relay"), "click", async () => {
  const question = { title: say("letters.remove-title"), text: say("letters.remove-text"), yes: say("letters.remove") };
  if (!(await confirmed(question))) return;
  await sent("DELETE");
  show(await change("GET", "/api/mail"));
  tell("mail-removed");
});

on(byId("test"), "submit", async () => {
  byId("answer").hidden = true;
  const { accepted, said } = await proven(() => call("POST", "/api/mail/test", { to: byId("test").elements.to.value }));
  byId("verdict").textContent = say(accepted ? "letters.accepted" : "letters.not-accepted");
  byId("said").textContent = said;
  byId("answer").hidden = false;
  byId("answer").dataset.accepted = accepted;
});

let next = null;

async function showOutbox(after) {
  const query = after === undefined ? "" : `?after=${after}`;
  const outbox = await call("GET", `/api/mail/outbox${query}`);
  const list = byId("letters");
  if (after === undefined) list.replaceChildren();
  fill(list, byId("letter-row"), outbox.letters, write);
  next = outbox.next;
  byId("more-letters").hidden = next === null;
  byId("full").hidden = !outbox.full;
  byId("no-letters").hidden = list.children.length > 0;
}

function write(row, letter) {
  const kind = `letters.kind.${letter.kind}`;
  row.dataset.letter = letter.id;
  row.querySelector("strong").textContent = letter.to;
  if (letter.given_up) badge(row, say("letters.given-up"));
  const state = letter.given_up
    ? "letters.state-given-up"
    : letter.tries
      ? "letters.state-again"
      : "letters.state-waits";
  row.querySelector("p").textContent = say("letters.facts", {
    kind: has(kind) ? say(kind) : letter.kind,
    queued: at(letter.queued),
    state: say(state, { tries: letter.tries, when: at(letter.next_try) }),
  });
  row.querySelector(".words").textContent = letter.said ?? "";
  on(row.querySelector('[data-action="delete"]'), "click", async () => {
    const question = {
      title: say("letters.delete-title", letter),
      text: say("letters.delete-text"),
      yes: say("delete"),
    };
    if (!(await confirmed(question))) return;
    await proven(() => call("DELETE", `/api/mail/outbox/${letter.id}`));
    await showOutbox();
    tell("letter-deleted");
  });
}

on(byId("look-again"), "click", () => showOutbox());
on(byId("more-letters"), "click", () => showOutbox(next));

try {
  show(await change("GET", "/api/mail"));
  await showOutbox();
} catch (error) {
  tellError(error);
}

import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);
const choice = () => document.querySelector("input[name=moving]:checked").value === "move";

/** What a change of the name means, once somebody types another: as `/api/name` says it. */
let bound = null;

function fill(id, text) {
  byId(id).hidden = !text;
  byId(id).textContent = text || "";
}

const count = (key, number, places = {}) => say(number === 1 ? `${key}-1` : key, { count: number, ...places });

/** Shows what a change to the name `wanted` means; nothing where it is the one in use. */
export async function showRename(wanted, { name_in_use, certificate }) {
  bound ??= await call("GET", "/api/name");
  const { passkeys, accounts, ways, moving } = bound;
  const changes = wanted !== "" && wanted !== name_in_use;
  byId("rename").hidden = !changes;
  showMove(moving);
  if (!changes) return;
  const people = count("settings.rename-people", accounts.length);
  fill("rename-bound", count("settings.rename-bound", passkeys, { people, now: name_in_use, name: wanted }));
  for (const way of ["password", "letter", "link"]) {
    const theirs = accounts.filter((account) => account.afterwards === way);
    const names = theirs.map((account) => account.name).join(", ");
    fill(`rename-${way}`, theirs.length ? count(`settings.rename-${way}`, theirs.length, { names }) : "");
  }
  fill("rename-ca", certificate?.source === "office" && say("settings.name-text-ca"));
  fill(
    "rename-way",
    say(
      ways.password
        ? "settings.rename-way-password"
        : ways.code
          ? "settings.rename-way-code"
          : "settings.rename-way-none",
    ),
  );
}

function showMove(moving) {
  byId("moving").hidden = !moving;
  if (!moving) return;
  const places = { from: moving.from, since: at(moving.since), left: moving.left };
  fill("moving-text", say(moving.begun ? "settings.moving" : "settings.moving-later", places));
  fill("moving-left", moving.begun && count("settings.moving-left", moving.left));
  byId("moving-end").hidden = !moving.begun;
}

/** Asks whether the name shall be that: what to save besides, or null. */
export async function renaming(wanted, name_in_use) {
  const places = { name: wanted, now: name_in_use };
  if (wanted === name_in_use) return {};
  const moving = choice();
  const text = say(moving ? "settings.rename-text-move" : "settings.rename-text-cut", places);
  const question = { title: say("settings.name-title", places), text, yes: say("settings.name-yes"), bad: !moving };
  return (await confirmed(question)) ? { moving } : null;
}

/** Once it is saved, it is asked anew what is bound to what. */
export function forgetRename() {
  bound = null;
}

/** Makes the buttons work; `again` shows what has changed. */
export function prepareRename(again) {
  const anew = async () => {
    forgetRename();
    await again();
  };
  on(byId("rename-code"), "click", async () => {
    const { username, code } = await proven(() => call("POST", "/api/name/code", {}));
    fill("rename-code-shown", say("settings.rename-code-shown", { username, code }));
    await anew();
  });
  on(byId("moving-end"), "click", async () => {
    const { from } = bound.moving;
    const question = {
      title: say("settings.moving-end-title", { from }),
      text: say("settings.moving-end-text", { from }),
    };
    if (!(await confirmed({ ...question, yes: say("settings.moving-end") }))) return;
    await proven(() => call("DELETE", "/api/name/move"));
    await anew();
    tell("saved");
  });
}

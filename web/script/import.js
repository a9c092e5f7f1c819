import { on } from "./busy.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { fill } from "./rows.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const { csv } = byId("look").elements;
let looked;

byId("file").addEventListener("change", async () => {
  const [file] = byId("file").files;
  if (file) csv.value = await read(file);
  byId("preview").hidden = true;
});
csv.addEventListener("input", () => (byId("preview").hidden = true));

/** A spreadsheet's table is UTF-8, or what Windows wrote before that. */
async function read(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function write(row, { line, extension, name, email, problem }) {
  [line, extension, name, email, problem ?? say("import.good")].forEach((text, cell) => (row.cells[cell].textContent = text));
  row.dataset.line = line;
  row.toggleAttribute("data-faulty", Boolean(problem));
}

function show({ lines, good, faulty }) {
  byId("preview-title").textContent = counted("import.good", good);
  byId("faulty").hidden = !faulty;
  byId("faulty").textContent = counted("import.faulty", faulty);
  byId("add").hidden = !good;
  byId("add-button").textContent = counted("import.add", good);
  // What is wrong is seen first.
  const wrongFirst = lines.toSorted((one, other) => Boolean(other.problem) - Boolean(one.problem));
  byId("lines").replaceChildren();
  fill(byId("lines"), byId("line"), wrongFirst, write);
  byId("preview").hidden = false;
  byId("preview-title").focus();
}

const counted = (name, count) => say(count === 1 ? `${name}-1` : `${name}-n`, { count });
const ask = (said) => proven(() => call("POST", "/api/people/import", said));

on(byId("look"), "submit", async () => {
  looked = csv.value;
  const [answer, { relay }] = await Promise.all([ask({ csv: looked, commit: false, invite: false }), call("GET", "/api/mail")]);
  byId("letters").hidden = !relay;
  byId("no-letters").hidden = Boolean(relay);
  show(answer);
});

on(byId("add"), "submit", async () => {
  const invite = !byId("letters").hidden && byId("add").elements.invite.checked;
  const { added } = await ask({ csv: looked, commit: true, invite });
  byId("look").reset();
  byId("preview").hidden = true;
  tell(added === 1 ? "imported-1" : "imported-n", { count: added });
});

await present(entering, () => {});

import { on } from "./busy.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { fill } from "./rows.js";
import { read } from "./table-file.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const { csv } = byId("look").elements;
let looked;

on(byId("file"), "change", async () => {
  const [file] = byId("file").files;
  byId("preview").hidden = true;
  if (file) csv.value = await read(file);
});
csv.addEventListener("input", () => (byId("preview").hidden = true));

function write(row, { line, mac, extension, model, make, problem }) {
  [line, extension, mac, model, make, problem ?? say("import.good")].forEach(
    (text, cell) => (row.cells[cell].textContent = text),
  );
  row.toggleAttribute("data-faulty", Boolean(problem));
}

const counted = (name, count) => say(count === 1 ? `${name}-1` : `${name}-n`, { count });
const ask = (said) => proven(() => call("POST", "/api/devices/import", said));

function show({ lines, good, faulty }) {
  byId("preview-title").textContent = counted("phones.import-good", good);
  byId("faulty").hidden = !faulty;
  byId("faulty").textContent = counted("phones.import-faulty", faulty);
  byId("add").hidden = !good;
  byId("add-button").textContent = counted("phones.import-add", good);
  byId("lines").replaceChildren();
  // What is wrong is seen first.
  fill(
    byId("lines"),
    byId("line"),
    lines.toSorted((one, other) => Boolean(other.problem) - Boolean(one.problem)),
    write,
  );
  byId("preview").hidden = false;
  byId("preview-title").focus();
}

on(byId("look"), "submit", async () => {
  looked = csv.value;
  show(await ask({ csv: looked, commit: false }));
});

on(byId("add"), "submit", async () => {
  const { added } = await ask({ csv: looked, commit: true });
  byId("look").reset();
  byId("preview").hidden = true;
  tell("phones-imported", { added });
});

await present(entering, () => {});

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

function write(row, { line, extension, name, email, problem }) {
  [line, extension, name, email, problem ?? say("import.good")].forEach(
    (text, cell) => (row.cells[cell].textContent = text),
  );
  row.dataset.line = line;
  row.toggleAttribute("data-faulty", Boolean(problem));
}

/** How many lines are drawn at once. */
const DRAWN = 100;
let waiting = [];

function draw(lines) {
  byId("lines").replaceChildren();
  waiting = lines;
  drawMore();
}

function drawMore() {
  fill(byId("lines"), byId("line"), waiting.slice(0, DRAWN), write);
  waiting = waiting.slice(DRAWN);
  byId("more").hidden = !waiting.length;
  byId("more").textContent = say("import.more", { count: waiting.length });
}

function show({ lines, good, faulty }) {
  byId("preview-title").textContent = counted("import.good", good);
  byId("faulty").hidden = !faulty;
  byId("faulty").textContent = counted("import.faulty", faulty);
  byId("add").hidden = !good;
  byId("add-button").textContent = counted("import.add", good);
  // What is wrong is seen first.
  draw(lines.toSorted((one, other) => Boolean(other.problem) - Boolean(one.problem)));
  byId("preview").hidden = false;
  byId("preview-title").focus();
}

/** Says what was done, and shows what was good when it was looked at and could not be added any more. */
function showDone({ lines, added, unmailed }) {
  const known = new Set(looked.lines.filter((line) => line.problem).map((line) => line.line));
  const lost = lines.filter((line) => line.problem && !known.has(line.line));
  byId("preview-title").textContent = say("import.left-title");
  byId("faulty").hidden = true;
  byId("add").hidden = true;
  byId("preview").hidden = !lost.length;
  draw(lost);
  const told = (name, count) => (count ? ` ${counted(name, count)}` : "");
  const places = { lost: told("import.lost", lost.length), unmailed: told("import.unmailed", unmailed) };
  tell("imported", { added: counted("import.added", added), ...places });
}

const counted = (name, count) => say(count === 1 ? `${name}-1` : `${name}-n`, { count });
const ask = (said) => proven(() => call("POST", "/api/people/import", said));

on(byId("look"), "submit", async () => {
  const said = csv.value;
  const [answer, { relay }] = await Promise.all([
    ask({ csv: said, commit: false, invite: false }),
    call("GET", "/api/mail"),
  ]);
  byId("letters").hidden = !relay;
  byId("no-letters").hidden = Boolean(relay);
  looked = { csv: said, lines: answer.lines };
  show(answer);
});

on(byId("add"), "submit", async () => {
  const invite = !byId("letters").hidden && byId("add").elements.invite.checked;
  const done = await ask({ csv: looked.csv, commit: true, invite });
  byId("look").reset();
  showDone(done);
});

on(byId("more"), "click", drawMore);

await present(entering, () => {});

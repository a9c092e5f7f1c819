import { on } from "./busy.js";
import { fill } from "./rows.js";
import { read } from "./table-file.js";
import { say } from "./words.js";

/** How many lines are drawn at once. */
const DRAWN = 100;

const byId = (id) => document.getElementById(id);

/** A sentence for one, or for many. */
export const counted = (name, count) => say(count === 1 ? `${name}-1` : `${name}-n`, { count });

/**
 * A page with a table of many lines that is looked at before anything is added: the same for people and for phones.
 * `ask` sends the table with `commit` or without, and `cells` are the texts of a row. `words` begins the names of the
 * page's own sentences. `looked` is told what the look showed; `added` what was done and which lines were lost on the
 * way: good when they were looked at, and then not any more.
 */
export function prepareTable({ words, ask, cells, looked = () => {}, added }) {
  const { csv } = byId("look").elements;
  let seen;
  let waiting = [];

  const write = (row, line) => {
    [...cells(line), line.problem ?? say("import.good")].forEach((text, cell) => (row.cells[cell].textContent = text));
    row.dataset.line = line.line;
    row.toggleAttribute("data-faulty", Boolean(line.problem));
  };

  const drawMore = () => {
    fill(byId("lines"), byId("line"), waiting.slice(0, DRAWN), write);
    waiting = waiting.slice(DRAWN);
    byId("more").hidden = !waiting.length;
    byId("more").textContent = say("import.more", { count: waiting.length });
  };

  const draw = (lines) => {
    byId("lines").replaceChildren();
    waiting = lines;
    drawMore();
  };

  const show = ({ lines, good, faulty, passed_over: passedOver, above }) => {
    byId("preview-title").textContent = counted(`${words}good`, good);
    const left = [
      faulty && counted(`${words}faulty`, faulty),
      above && counted("import.above", above),
      passedOver.length && counted("import.passed-over", passedOver.length),
    ].filter(Boolean);
    byId("faulty").textContent = left.join(" ");
    byId("faulty").hidden = !left.length;
    byId("passed-over").textContent = passedOver.join(" · ");
    byId("passed-over").hidden = !passedOver.length;
    byId("add").hidden = !good;
    byId("add-button").textContent = counted(`${words}add`, good);
    // What is wrong is seen first.
    draw(lines.toSorted((one, other) => Boolean(other.problem) - Boolean(one.problem)));
    byId("preview").hidden = false;
    byId("preview-title").focus();
  };

  /** Shows what was good when it was looked at and could not be added any more. */
  const showLost = ({ lines }) => {
    const known = new Set(seen.lines.filter((line) => line.problem).map((line) => line.line));
    const lost = lines.filter((line) => line.problem && !known.has(line.line));
    byId("preview-title").textContent = say("import.left-title");
    for (const part of ["faulty", "passed-over", "add"]) byId(part).hidden = true;
    byId("preview").hidden = !lost.length;
    draw(lost);
    return lost;
  };

  on(byId("file"), "change", async () => {
    const [file] = byId("file").files;
    byId("preview").hidden = true;
    if (file) csv.value = await read(file);
  });
  csv.addEventListener("input", () => (byId("preview").hidden = true));
  on(byId("more"), "click", drawMore);

  on(byId("look"), "submit", async () => {
    byId("preview").hidden = true;
    const said = csv.value;
    const answer = await ask({ csv: said, commit: false });
    await looked(answer);
    seen = { csv: said, lines: answer.lines };
    show(answer);
  });

  on(byId("add"), "submit", async () => {
    const done = await ask({ csv: seen.csv, commit: true });
    byId("look").reset();
    added(done, showLost(done));
  });
}

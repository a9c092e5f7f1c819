import { on } from "./busy.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { fill } from "./rows.js";
import { tail } from "./tail.js";
import { Told, tellError } from "./tell.js";
import { at } from "./time.js";
import { has, say } from "./words.js";

/** Lines that stay on the screen while new ones come. */
const ON_SCREEN = 200;

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const form = byId("filter");
const list = byId("lines");
const live = byId("live");
let asked = { event: "", text: "" };
let next = null;
let stop = () => {};
let newest = 0;
/** What came since the last page was asked for: it may be too new to be in there. */
let meanwhile = [];

async function showPage(before) {
  const mine = ++newest;
  meanwhile = [];
  const query = new URLSearchParams({ ...asked, minutes_east: -new Date().getTimezoneOffset() });
  if (before != null) query.set("before", before);
  const page = await call("GET", `/api/journal?${query}`);
  // Another page was asked for meanwhile, perhaps with another filter.
  if (mine !== newest) return;
  byId("log").setAttribute("aria-busy", "true");
  if (before == null) list.replaceChildren();
  fill(list, byId("line"), page.lines, write);
  byId("log").removeAttribute("aria-busy");
  goesOn(page.next);
  meanwhile.forEach(comes);
}

/** What tells a line from every other. */
const number = ({ id, refused }) => (id == null ? `refused-${refused}` : `${id}`);

function goesOn(before) {
  next = before;
  byId("more").hidden = next == null;
  byId("nothing").hidden = list.children.length > 0;
}

function write(row, line) {
  const { at: when, who, address, event, about } = line;
  row.dataset.event = event;
  row.dataset.line = number(line);
  row.querySelector("strong").textContent = has(`journal.event.${event}`) ? say(`journal.event.${event}`) : event;
  row.querySelector(".about").textContent = event === "refused" ? why(about) : about;
  const by = who || say(event === "refused" ? "journal.stranger" : "journal.appliance");
  row.querySelector("p").textContent = address
    ? say("journal.by-from", { who: by, address })
    : say("journal.by", { who: by });
  const time = row.querySelector("time");
  time.dateTime = new Date(when * 1000).toISOString();
  time.textContent = at(when);
}

/** Why a sign-in was refused, in words where there are some. */
const why = (code) => (has(`journal.why.${code}`) ? say(`journal.why.${code}`) : code);

/**
 * Whether the list that is shown would have this line, by the server's own rule: by what is shown of it, and by its
 * codes.
 */
function fits(line) {
  const row = byId("line").content.firstElementChild.cloneNode(true);
  write(row, line);
  const shown = [...row.querySelectorAll("strong, .about, p, time")].map((part) => part.textContent);
  const whole = folded([...shown, line.event, line.about, new Date(line.at * 1000).toISOString()].join(" "));
  const words = folded(asked.text).split(/\s+/).filter(Boolean);
  return line.event.startsWith(asked.event) && words.every((word) => whole.includes(word));
}

const folded = (text) => text.normalize("NFC").toLowerCase();

function comes(line) {
  if (!fits(line) || list.querySelector(`[data-line="${number(line)}"]`)) return;
  const first = document.createElement("ol");
  fill(first, byId("line"), [line], write);
  first.firstElementChild.classList.add("new");
  list.prepend(...first.children);
  list.hidden = false;
  while (list.children.length > ON_SCREEN) list.lastElementChild.remove();
  const kept = [...list.querySelectorAll("li:not([data-event=refused])")];
  goesOn(list.children.length === ON_SCREEN ? (kept.at(-1)?.dataset.line ?? next) : next);
}

function watch() {
  stop();
  stop = () => {};
  if (!live.checked) return;
  stop = tail("/api/journal/live", {
    // What happened before the line was open, or while it was down, is in the list.
    opened: () => showPage().catch(tellError),
    comes: (line) => {
      meanwhile.push(line);
      comes(line);
    },
    ended: (error) => {
      live.checked = false;
      tellError(error.code === "busy" ? new Told("tail-ended") : error);
    },
  });
}

live.addEventListener("change", watch);
// A page that is kept for the way back would hold the line open.
window.addEventListener("pagehide", () => stop());
window.addEventListener("pageshow", ({ persisted }) => persisted && watch());

on(form, "submit", () => {
  asked = Object.fromEntries(new FormData(form));
  return showPage();
});
on(form.elements.event, "change", () => form.requestSubmit());

on(byId("more"), "click", () => {
  // Older lines are read, and do not run away under the reader.
  live.checked = false;
  watch();
  return showPage(next);
});

await present(entering, async () => {
  await showPage();
  watch();
});

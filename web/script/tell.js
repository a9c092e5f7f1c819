import { has, say } from "./words.js";

/** Something that a person is told: the name of a sentence, what fills it in, and the field that it is about. */
export class Told extends Error {
  constructor(code, { places, message, field } = {}) {
    super(message ?? say(`tell.${code}`, places));
    this.code = code;
    this.field = field;
  }
}

const place = (where) => document.getElementById(where);

/** Shows a sentence of ours. */
export function tell(code, places) {
  show(new Told(code, { places }), "good");
}

/** Shows what went wrong, where it happened, and marks the field. */
export function tellError(error, { where = "tell", form } = {}) {
  const told =
    error instanceof Told ? error : new Told("stopped", { places: { what: error?.message || String(error) } });
  if (!(error instanceof Told)) console.error(error);
  show(told, "bad", where);
  const field = form?.elements.namedItem(told.field ?? "");
  if (field instanceof HTMLElement) {
    mark(field, told.message);
  }
}

/** Marks a field, with the sentence below it, until something else is typed. */
function mark(field, message) {
  const sentence = document.createElement("small");
  sentence.className = "wrong";
  sentence.textContent = message;
  field.form.querySelectorAll(".wrong").forEach((older) => older.remove());
  (field.closest("label") ?? field).after(sentence);
  field.setAttribute("aria-invalid", "true");
  const unmark = () => {
    field.removeAttribute("aria-invalid");
    sentence.remove();
  };
  field.addEventListener("input", unmark, { once: true });
  field.form.addEventListener("submit", unmark, { once: true, capture: true });
  field.focus();
}

/** Takes the last sentence away. */
export function hush(where = "tell") {
  place(where).replaceChildren();
}

function show(told, tone, where = "tell") {
  const area = place(where);
  area.dataset.tone = tone;
  area.dataset.code = told.code;
  area.setAttribute("role", tone === "bad" ? "alert" : "status");
  const sentence = document.createElement("p");
  sentence.textContent = told.message;
  linkAddresses(sentence);
  area.replaceChildren(sentence);
  area.scrollIntoView({ block: "nearest" });
}

/** An address in a sentence can be followed. */
function linkAddresses(sentence) {
  const [, before, address, after] = sentence.textContent.match(/^(.*?)(https?:\/\/[^\s]+)( .*)$/) ?? [];
  if (!address) return;
  const link = document.createElement("a");
  link.href = new URL(address).pathname === "/" ? address + location.pathname : address;
  link.textContent = address;
  sentence.replaceChildren(before, link, after);
}

/** The server's own words for an error, unless this page has better ones. */
export function refused({ error, message, field }) {
  return new Told(error, { message: has(`tell.${error}`) ? say(`tell.${error}`) : message, field });
}

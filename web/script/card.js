import { change } from "./http.js";
import { proven } from "./prove.js";

/**
 * The fields of a form that shows a record, and sends what was changed of it alone: two who change the same record do
 * not write back each other's older values. `read` takes the fields' values by name, `write` sets some of them.
 */
export class Card {
  #read;
  #write;
  #shown = {};
  #tag;

  constructor(read, write) {
    this.#read = read;
    this.#write = write;
  }

  /** Shows a record in the state with that tag. `keep`: what somebody has typed meanwhile stays. */
  show(values, tag, { keep = false } = {}) {
    const typed = keep ? this.changed() : {};
    this.#write(values);
    this.#shown = this.#read();
    this.#tag = tag;
    this.#write(typed);
  }

  /** What was changed since, by name. */
  changed() {
    const differs = ([name, value]) => value !== this.#shown[name];
    return Object.fromEntries(Object.entries(this.#read()).filter(differs));
  }

  /** Sends a change of the record as it was shown: the answer. If it is another by now, `reload` shows that one. */
  async save(path, message, reload) {
    try {
      return await proven(() => change("PATCH", path, message, this.#tag));
    } catch (error) {
      if (error.code === "stale") await reload();
      throw error;
    }
  }
}

import words from "../words/en.js";

/** The words of that name, with {places} filled in. */
export function say(name, places = {}) {
  return words[name].replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

/** Whether there are words of that name. */
export const has = (name) => name in words;

import { on } from "./busy.js";
import { at } from "./time.js";
import { say } from "./words.js";

const place = document.getElementById("no-date");
let again;

/**
 * A way in, for an appliance that may not know the date: it is offered once more with the date that this device has.
 */
export async function dated(enter) {
  try {
    return await enter({});
  } catch (error) {
    if (error.code === "no-date") offer(enter);
    throw error;
  }
}

function offer(enter) {
  again = enter;
  place.hidden = false;
  document.getElementById("no-date-text").textContent = say("clock.sign-in", { date: at(Date.now() / 1000) });
}

/** Makes the button work: `onward` goes on with the answer. */
export function prepareToday(onward) {
  on(document.getElementById("date-is-right"), "click", () =>
    onward(() => again({ today: Math.floor(Date.now() / 1000) })),
  );
}

import { at } from "./time.js";
import { say } from "./words.js";

/** Fills an element, or hides it where there is nothing to say. */
function fill(id, text) {
  const line = document.getElementById(id);
  line.hidden = !text;
  line.textContent = text ?? "";
}

/** Shows how backups stand: what is wrong in front, then the last good one and the last failure. */
export function showBackups({ schedule, state, good, bad, stay }, words = "backups.good") {
  const of = good && { ...good, when: at(good.at), size: Math.ceil(good.bytes / 1000) };
  const wrong = {
    failed: () => say("backups.state-failed", bad),
    overdue: () => (of ? say("backups.state-overdue", of) : say("backups.state-overdue-none")),
    "no-date": () => say("backups.state-no-date"),
  }[state];
  fill("backups-state", wrong?.());
  fill("backups-good", schedule && (of ? say(words, of) : say("backups.good-none")));
  fill("backups-bad", schedule && bad && say("backups.bad", { ...bad, when: at(bad.at) }));
  fill("backups-stay", schedule && stay && say("backups.stay", { said: stay }));
}

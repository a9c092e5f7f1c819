import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { enter } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { say } from "./words.js";

// The button works from the first moment, not only once it is known who is here.
const shown = enter().then(() => call("GET", "/api/settings")).then(show);
const form = document.getElementById("settings");
const { session_hours: hours, name } = form.elements;
let settings;

function show(now) {
  settings = now;
  hours.value = now.session_hours;
  name.value = now.name;
  name.disabled = now.name_fixed_by_flag;
  const note = document.getElementById("name-note");
  const later = now.name !== now.name_in_use;
  note.hidden = !later && !now.name_fixed_by_flag;
  note.textContent = now.name_fixed_by_flag
    ? say("settings.name-flag")
    : say("settings.name-later", { name: now.name, now: now.name_in_use });
}

on(form, "submit", async () => {
  await shown;
  const wanted = name.value.trim().toLowerCase();
  const changes = { session_hours: Number(hours.value) };
  if (wanted !== settings.name && !settings.name_fixed_by_flag) {
    const places = { name: wanted, now: settings.name_in_use, count: settings.passkeys_bound };
    const question = { title: say("settings.name-title", places), text: say(settings.passkeys_bound === 1 ? "settings.name-text-1" : "settings.name-text", places) };
    if (!(await confirmed({ ...question, yes: say("settings.name-yes") }))) return;
    changes.name = wanted;
  }
  show(await proven(() => call("PATCH", "/api/settings", changes)));
  tell("saved");
});

await shown;

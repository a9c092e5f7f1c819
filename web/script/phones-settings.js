import { on } from "./busy.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { tell, tellError } from "./tell.js";
import { say } from "./words.js";

const SWITCHES = [
  "phones",
  "tls_only",
  "decline_silences_all",
  "hide_names",
  "plain_provisioning",
  "phones_from_anywhere",
];

const byId = (id) => document.getElementById(id);
const form = byId("phones-settings");

/** The zone of this browser: the office's own, most likely. */
const here = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

function show(now) {
  for (const name of SWITCHES) form.elements[name].checked = now[name];
  form.elements.time_zone.value = now.time_zone ?? here;
  form.elements.time_server.value = now.time_server;
  form.elements.emergency.value = now.emergency.join(" ");
  byId("off").hidden = now.phones;
  byId("no-emergency").hidden = !now.phones;
  const numbers = now.emergency.join(", ");
  byId("no-emergency").textContent = numbers
    ? say("phones.no-emergency", { numbers })
    : say("phones.no-emergency-at-all");
}

on(form, "submit", async () => {
  const switches = Object.fromEntries(SWITCHES.map((name) => [name, form.elements[name].checked]));
  const { time_zone: zone, time_server: server, emergency } = form.elements;
  const texts = {
    time_zone: zone.value,
    time_server: server.value,
    emergency: emergency.value.split(/[\s,;]+/).filter(Boolean),
  };
  show(await proven(() => call("PATCH", "/api/settings", { ...switches, ...texts })));
  tell("saved");
});

byId("zones").replaceChildren(...(Intl.supportedValuesOf?.("timeZone") ?? []).map((zone) => new Option(zone, zone)));
try {
  show(await call("GET", "/api/settings"));
} catch (error) {
  tellError(error);
}

import { open } from "./ask.js";
import { on } from "./busy.js";
import { writeDevice } from "./device.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { fill } from "./rows.js";
import { hush, tell, tellError } from "./tell.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("choose");
const form = dialog.querySelector("form");
let chosen;

function choose(device) {
  chosen = device;
  form.reset();
  hush("choose-tell");
  byId("choose-title").textContent = say("phones.chosen", device);
  open(dialog);
}

on(form, "submit", async () => {
  await proven(() => call("POST", `/api/me/devices/${chosen.id}/secret`, { secret: form.elements.secret.value }));
  form.reset();
  dialog.close();
  tell("secret-set", chosen);
}, { where: "choose-tell" });

try {
  const { devices, may_set_secret: maySet } = await call("GET", "/api/me/devices");
  byId("devices-section").hidden = !devices.length;
  fill(byId("devices"), byId("device-row"), devices, (row, device) => {
    writeDevice(row, device);
    const button = row.querySelector('[data-action="choose"]');
    button.hidden = !maySet || device.kind === "desk";
    on(button, "click", () => choose(device));
  });
} catch (error) {
  tellError(error);
}

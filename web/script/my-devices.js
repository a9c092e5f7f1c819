import { confirmed, open } from "./ask.js";
import { on } from "./busy.js";
import { showPutOut, writeDevice } from "./device.js";
import { call, change } from "./http.js";
import { proven } from "./prove.js";
import { draw } from "./qr.js";
import { fill } from "./rows.js";
import { hush, tell, tellError } from "./tell.js";
import { at } from "./time.js";
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

on(
  form,
  "submit",
  async () => {
    const { id, tag } = chosen;
    await changed("POST", `/api/me/devices/${id}/secret`, { secret: form.elements.secret.value }, tag);
    await show();
    form.reset();
    dialog.close();
    tell("secret-set", chosen);
  },
  { where: "choose-tell" },
);

/** One's own apps, as they were shown last. */
let apps = [];

on(byId("add-app"), "click", async () => {
  if (!apps.length) return showCode({});
  // Without this question an app that is set up again would leave a second account behind.
  const inPlace = (app) => new Option(say("me.again-in-place", app), app.id);
  again.elements.again.replaceChildren(...apps.map(inPlace), new Option(say("me.again-further"), ""));
  hush("app-again-tell");
  open(byId("app-again"));
});

const again = byId("app-again").querySelector("form");

on(
  again,
  "submit",
  async () => {
    const { value } = again.elements.again;
    await showCode(value ? { again: Number(value) } : {});
    byId("app-again").close();
  },
  { where: "app-again-tell" },
);

/** The app whose code is shown. */
let shown;

on(
  byId("by-hand-go"),
  "click",
  async () => {
    const settings = await proven(() => call("POST", "/api/me/devices/app/by-hand", { again: shown }));
    byId("app").close();
    showByHand(settings);
    await show();
  },
  { where: "app-tell" },
);

function showByHand({ qr, ways, encrypted, ...said }) {
  const way = ({ transport, port }) => say("me.by-hand.way", { transport: transport.toUpperCase(), port });
  const media = say(encrypted ? "me.by-hand.encrypted" : "me.by-hand.plain");
  const settings = { ...said, ways: ways.map(way).join(" · "), media };
  const made = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const names = ["server", "ways", "username", "secret", "extension", "media"];
  const rows = names.map((name) => [made("dt", say(`me.by-hand.${name}`)), made("dd", settings[name])]);
  const list = byId("by-hand-settings");
  list.replaceChildren(...rows.flat());
  draw(byId("by-hand-qr"), qr);
  // Settings do not stay in a page that nobody looks at.
  byId("by-hand").addEventListener("close", () => list.replaceChildren(), { once: true });
  open(byId("by-hand"));
}

async function showCode(wanted) {
  const { device, link, qr, until, needs } = await proven(() => call("POST", "/api/me/devices/app", wanted));
  const item = (text) => Object.assign(document.createElement("li"), { textContent: text });
  byId("app-needs").replaceChildren(...needs.map(item));
  byId("app-link").textContent = link;
  byId("app-until").textContent = say("me.add-app-until", { until: at(until) });
  draw(byId("app-qr"), qr);
  shown = device.id;
  hush("app-tell");
  // A code does not stay in a page that nobody looks at.
  byId("app").addEventListener("close", () => (byId("app-link").textContent = ""), { once: true });
  open(byId("app"));
  await show();
}

/** A change of a device as it is shown. If it is another by now, that one is shown. */
async function changed(method, address, said, tag) {
  try {
    return await proven(() => change(method, address, said, tag));
  } catch (error) {
    if (error.code === "stale") await show();
    throw error;
  }
}

async function remove(device) {
  const question = {
    title: say("me.remove-app-title", device),
    text: say("me.remove-app-text"),
    yes: say("me.remove-app"),
  };
  if (!(await confirmed(question))) return;
  await changed("DELETE", `/api/me/devices/${device.id}`, undefined, device.tag);
  await show();
  tell("app-removed", device);
}

async function show() {
  const own = await call("GET", "/api/me/devices");
  const { devices, may_set_secret: maySet, put_out: putOut, code_again: codeAgain } = own;
  const { extension } = await call("GET", "/api/me");
  byId("devices-section").hidden = !devices.length && !extension;
  byId("add-app").hidden = !extension;
  showPutOut(byId("put-out"), putOut);
  byId("code-again").hidden = !codeAgain;
  if (codeAgain) byId("code-again").textContent = say("me.code-again", { ...codeAgain, at: at(codeAgain.at) });
  apps = devices.filter(({ kind }) => kind === "app");
  byId("devices").replaceChildren();
  fill(byId("devices"), byId("device-row"), devices, (row, device) => {
    writeDevice(row, device);
    const button = row.querySelector('[data-action="choose"]');
    button.hidden = !maySet || device.kind === "desk";
    on(button, "click", () => choose(device));
    const removal = row.querySelector('[data-action="remove"]');
    removal.hidden = device.kind !== "app";
    on(removal, "click", () => remove(device));
  });
}

try {
  await show();
} catch (error) {
  tellError(error);
}

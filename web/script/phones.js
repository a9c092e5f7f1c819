import { anotherName, confirmed, open } from "./ask.js";
import { on } from "./busy.js";
import { writeDevice, writeState } from "./device.js";
import { enter, present } from "./frame.js";
import { ask, call, change } from "./http.js";
import { proven } from "./prove.js";
import { canHaveOther, editOtherMac, join } from "./other-mac.js";
import { showCard } from "./phone-card.js";
import { draw } from "./qr.js";
import { fill } from "./rows.js";
import { scanInto } from "./scan.js";
import { tail } from "./tail.js";
import { tell, tellError } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

/** Devices that are asked for at once. */
const PAGE = 100;
/** How often the list of phones that ask is looked at, in milliseconds. */
const ASKING = 5000;
const AWAY = { registered: false, bindings: [], busy: false, failing: null };

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const list = byId("devices");
/** The devices on the screen, by their numbers. */
const shown = new Map();
let next = null;
let newest = 0;
let stop = () => {};

/** Shows the list anew, as far as it was unfolded; or one page more. */
async function showDevices(more = false) {
  const mine = ++newest;
  const limit = more ? PAGE : Math.max(PAGE, shown.size);
  const page = await call("GET", `/api/devices?limit=${limit}${more ? `&after=${next}` : ""}`);
  // Another list was asked for meanwhile.
  if (mine !== newest) return;
  if (!more) {
    list.replaceChildren();
    shown.clear();
  }
  for (const device of page.devices) shown.set(`${device.id}`, device);
  fill(list, byId("device-row"), page.devices, write);
  next = page.next;
  byId("more").hidden = next == null;
  byId("no-devices").hidden = byId("rotate-all").hidden = true;
  byId(shown.size ? "rotate-all" : "no-devices").hidden = false;
  showCalls(page.calls);
}

function write(row, device) {
  writeDevice(row, device);
  const address = `/api/devices/${device.id}`;
  const does = (action, work) => on(row.querySelector(`[data-action="${action}"]`), "click", work);
  does("secret", async () => showSecret(await proven(() => call("POST", `${address}/secret`, {}))));
  does("ring", async () => {
    const { ringing } = await proven(() => call("POST", `${address}/ring`, {}));
    tell(ringing ? "device-rings" : "device-does-not-ring", device);
  });
  const free = row.querySelector('[data-action="free"]');
  free.hidden = !device.sitting;
  on(free, "click", async () => {
    await proven(() => call("POST", `${address}/free`, {}));
    await showDevices();
    tell("desk-freed", device);
  });
  const printed = row.querySelector('[data-action="card"]');
  printed.hidden = !device.mac;
  on(printed, "click", () => showCard(device, addressOf(device)));
  row.querySelector('[data-action="other-mac"]').hidden = !device.mac;
  does("other-mac", () =>
    editOtherMac(device, async (saved) => {
      await showDevices();
      tell("device-other-mac", saved);
    }),
  );
  row.querySelector('[data-action="window"]').hidden = !device.mac;
  does("window", async () => {
    const opened = await proven(() => call("POST", `${address}/window`, {}));
    await showDevices();
    tell("device-window", opened);
  });
  row.querySelector('[data-action="sticker"]').hidden = device.kind !== "desk";
  does("sticker", async () => {
    const { link, qr } = await call("GET", `${address}/sticker`);
    byId("sticker-title").textContent = say("phones.sticker-title", device);
    byId("sticker-link").textContent = link;
    draw(byId("sticker-qr"), qr);
    open(byId("sticker"));
  });
  does("rename", () => rename(device));
  does("rotate", async () => {
    const question = {
      title: say("phones.rotate-title", device),
      text: say("phones.rotate-text"),
      yes: say("phones.rotate"),
    };
    if (!(await confirmed(question))) return;
    const { json: secret } = await changed("POST", `${address}/secret`, { rotate: true }, device.tag);
    showSecret(secret);
    await showDevices();
  });
  does("delete", async () => {
    const question = { title: say("phones.delete-title", device), text: say("phones.delete-text"), yes: say("delete") };
    if (!(await confirmed(question))) return;
    await changed("DELETE", address, undefined, device.tag);
    await showDevices();
    tell("device-deleted", device);
  });
}

/** A change of a device as it is shown. If it is another by now, that one is shown. */
async function changed(method, address, said, tag) {
  try {
    return await proven(() => change(method, address, said, tag));
  } catch (error) {
    if (error.code === "stale") await showDevices();
    throw error;
  }
}

function showSecret(secret) {
  const dialog = byId("secret");
  for (const part of ["username", "secret", "realm", "menu"]) byId(`secret-${part}`).textContent = secret[part];
  // A secret does not stay in a page that nobody looks at.
  const forget = () => ["secret", "menu"].forEach((part) => (byId(`secret-${part}`).textContent = ""));
  dialog.addEventListener("close", forget, { once: true });
  open(dialog);
}

async function rename({ id }) {
  const { json: device, tag } = await change("GET", `/api/devices/${id}`);
  const label = await anotherName({ title: say("phones.rename-title"), name: device.label });
  if (label === null) return;
  const { json: renamed } = await changed("PATCH", `/api/devices/${device.id}`, { label }, tag);
  await showDevices();
  tell("device-renamed", renamed);
}

on(byId("add-device"), "submit", async () => {
  const form = byId("add-device");
  const card = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
  const shared = { shares_mac: form.elements.shares_mac.checked };
  const device = await proven(() => call("POST", "/api/devices", { ...card, ...shared }));
  form.reset();
  await showDevices();
  await showAsking();
  tell("device-added", device);
});

/** The makes of phones, by their names in the interface, and the address that phones are told at first. */
const makes = new Map();
let base = "";

async function showMakes() {
  const { every_phone: everyPhone, makes: known, ...told } = await call("GET", "/api/devices/makes");
  base = told.base;
  byId("base").textContent = base;
  const items = (texts) => texts.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  byId("every-phone").replaceChildren(...items(everyPhone));
  for (const make of known) {
    makes.set(make.id, make);
    byId("add-device").elements.make.append(new Option(make.title, make.id));
    const card = byId("make-card").content.firstElementChild.cloneNode(true);
    card.querySelector("summary").textContent = make.title;
    const lines = make.dhcp.flatMap((option) => [say("phones.dhcp-option", option), option.dnsmasq]).filter(Boolean);
    card.querySelector(".dhcp").replaceChildren(...items(lines));
    card.querySelector(".needs").replaceChildren(...items([...make.needs, ...make.unconfirmed]));
    byId("makes").append(card);
  }
}

/** Where a phone of a make finds its settings at first; where the make is not known, over HTTPS. */
function addressOf({ make, make_by_mac: byMac }) {
  return makes.get(make ?? byMac)?.base ?? base;
}

async function showHandshakes() {
  const { failed } = await call("GET", "/api/devices/handshakes");
  const sentence = (one) => say(`phones.handshake.${one.why}`, { ...one, at: at(one.at) });
  const item = (one) => Object.assign(document.createElement("li"), { textContent: sentence(one) });
  byId("handshakes").replaceChildren(...failed.map(item));
  byId("handshakes-section").hidden = !failed.length;
}

async function showAsking() {
  await showHandshakes();
  const { asking } = await call("GET", "/api/devices/asking");
  byId("asking").replaceChildren();
  fill(byId("asking"), byId("asking-row"), asking, (row, phone) => {
    const name = [makes.get(phone.make)?.title, phone.model].filter(Boolean).join(" ");
    const asks = name ? say("phones.asks", { name }) : say("phones.a-phone-asks");
    row.querySelector("strong").textContent = phone.device == null ? asks : say("phones.asks-again", phone);
    row.querySelector("p").textContent = say("phones.asks-facts", { ...phone, at: at(phone.at) });
    const takes = row.querySelector('[data-action="take"]');
    takes.hidden = phone.device != null;
    on(takes, "click", () => take(phone));
    const again = row.querySelector('[data-action="again"]');
    again.hidden = phone.device == null;
    on(again, "click", async () => {
      const opened = await proven(() => call("POST", `/api/devices/${phone.device}/window`, {}));
      await showDevices();
      await showAsking();
      tell("device-window", opened);
    });
    const same = row.querySelector('[data-action="same"]');
    same.hidden = phone.device != null || !canHaveOther([...shown.values()]).length;
    on(same, "click", () =>
      join(phone.mac, [...shown.values()], async (device) => {
        await showDevices();
        await showAsking();
        tell("device-joined", device);
      }),
    );
  });
  byId("asking-section").hidden = !asking.length;
}

/** Fills the form with a phone that asked; whose it is, is still to be said. */
function take({ mac, make }) {
  const form = byId("add-device");
  form.querySelector("details").open = true;
  form.elements.kind.value = "phone";
  form.elements.mac.value = mac;
  form.elements.make.value = make ?? "";
  form.elements.extension.focus();
}

on(byId("rotate-all"), "click", async () => {
  const question = {
    title: say("phones.rotate-all-title"),
    text: say("phones.rotate-all-text"),
    yes: say("phones.rotate-all"),
  };
  if (!(await confirmed(question))) return;
  const { rotated } = await proven(() => call("POST", "/api/devices/rotate"));
  await showDevices();
  tell("devices-rotated", { count: rotated });
});

on(byId("export"), "click", async () => {
  const response = await proven(() => ask("/api/devices/pjsip_wizard.conf"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = "pjsip_wizard.conf";
  link.click();
  URL.revokeObjectURL(link.href);
});

on(byId("more"), "click", () => showDevices(true));
scanInto(byId("add-device").elements.mac, byId("scan"));

function showCalls(calls) {
  byId("calls").replaceChildren();
  fill(byId("calls"), byId("call-row"), calls, (row, { from, to, answered, since }) => {
    const who = { from: from ?? say("phones.somebody"), to: to ?? say("phones.somebody") };
    row.querySelector("strong").textContent = say("phones.call", who);
    row.querySelector("p").textContent = say(answered ? "phones.call-talks" : "phones.call-rings", {
      since: at(since),
    });
  });
  byId("no-calls").hidden = calls.length > 0;
}

function showLine({ states, calls, tested, changed }) {
  showCalls(calls);
  for (const row of list.children) {
    const device = shown.get(row.dataset.device);
    device.state = states[device.id] ?? AWAY;
    device.tested = tested?.device === device.id ? tested.state : undefined;
    writeState(row, device);
  }
  if (changed) showDevices().catch(tellError);
}

function watch() {
  stop();
  // What changed before the line was open, or while it was broken, comes on none.
  const opened = () => showDevices().catch(tellError);
  stop = tail("/api/devices/live", { opened, comes: showLine, ended: tellError });
}

// A page that is kept for the way back would hold the line open.
window.addEventListener("pagehide", () => stop());
window.addEventListener("pageshow", ({ persisted }) => persisted && watch());

await present(entering, async () => {
  await showDevices();
  await showMakes();
  await showAsking();
  watch();
  setInterval(() => document.hidden || showAsking().catch(() => {}), ASKING);
});

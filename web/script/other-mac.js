import { open } from "./ask.js";
import { on } from "./busy.js";
import { call, change } from "./http.js";
import { proven } from "./prove.js";
import { hush } from "./tell.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);

/** Lets somebody say, change or take away the other MAC address of a phone; `saved` gets the device. */
export async function editOtherMac({ id }, saved) {
  const { json: device, tag } = await change("GET", `/api/devices/${id}`);
  const form = show("other-mac", async () => {
    const said = { other_mac: form.elements.other_mac.value };
    saved((await proven(() => change("PATCH", `/api/devices/${id}`, said, tag))).json);
  });
  byId("other-mac-title").textContent = say("phones.other-mac-title", device);
  form.elements.other_mac.value = device.other_mac ?? "";
}

/** The phones that a MAC address that asks may be the other one of. */
export const canHaveOther = (devices) => devices.filter(({ mac, other_mac: other }) => mac && !other);

/** Joins a MAC address that asks to a phone that is there, and lets that one fetch; `joined` gets the device. */
export function join(mac, devices, joined) {
  const form = show("same", async () => {
    const address = `/api/devices/${form.elements.device.value}`;
    await proven(() => call("PATCH", address, { other_mac: mac }));
    joined(await proven(() => call("POST", `${address}/window`, {})));
  });
  const option = (device) => new Option(say("phones.facts", facts(device)), device.id);
  form.elements.device.replaceChildren(...canHaveOther(devices).map(option));
}

function facts(device) {
  const owner = device.extension ? say("phones.owner", device) : say("phones.nobodys");
  return { kind: device.label, owner, username: device.mac };
}

/** Opens a dialog with a form, and closes it when `work` is done. What fails is told in it. */
function show(name, work) {
  const dialog = byId(name);
  // Another phone's form does not hear this one's button.
  const old = dialog.querySelector("form");
  const form = old.cloneNode(true);
  old.replaceWith(form);
  hush(`${name}-tell`);
  on(
    form,
    "submit",
    async () => {
      await work();
      dialog.close();
    },
    { where: `${name}-tell` },
  );
  open(dialog);
  return form;
}

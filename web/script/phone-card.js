import { open } from "./ask.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);

/** Shows the card of a phone, to be printed: whose it is, and how it finds its settings. Nothing secret is on it. */
export function showCard(device, base) {
  byId("card-title").textContent = say("phones.card-title", device);
  byId("card-owner").textContent = device.extension ? say("phones.owner", device) : say("phones.nobodys");
  byId("card-mac").textContent = device.mac.toUpperCase().match(/../g).join(":");
  byId("card-address").textContent = base;
  byId("card-plain").hidden = !base.startsWith("http:") || location.protocol === "http:";
  const step = (name) => Object.assign(document.createElement("li"), { textContent: say(`phones.card-${name}`) });
  byId("card-steps").replaceChildren(...["plug", "tell", "wait"].map(step));
  open(byId("card"));
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

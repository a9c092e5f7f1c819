import { on } from "./busy.js";
import { copy } from "./copy.js";
import { enter } from "./frame.js";
import { call } from "./http.js";
import { tell } from "./tell.js";

const template = document.getElementById("copy");
const { origin } = await Promise.all([call("GET", "/api/site"), enter()]).then(([site]) => site);
const { host, hostname } = new URL(origin);

for (const example of document.querySelectorAll(".example")) {
  const code = example.querySelector("code");
  code.textContent = code.textContent.replaceAll("ORIGIN", origin).replaceAll("HOSTNAME", hostname).replaceAll("HOSTPORT", host);
  const caption = example.querySelector("figcaption");
  const button = template.content.firstElementChild.cloneNode(true);
  button.setAttribute("aria-label", `${button.textContent}: ${caption.textContent}`);
  caption.append(button);
  on(button, "click", async () => {
    await copy(code);
    tell("example-copied");
  });
}

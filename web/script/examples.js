import { on } from "./busy.js";
import { copy } from "./copy.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { tell } from "./tell.js";

const template = document.getElementById("copy");

function fillIn(example, { origin, host, hostname }) {
  const code = example.querySelector("code");
  code.textContent = code.textContent
    .replaceAll("ORIGIN", origin)
    .replaceAll("HOSTNAME", hostname)
    .replaceAll("HOSTPORT", host);
  const caption = example.querySelector("figcaption");
  const button = template.content.firstElementChild.cloneNode(true);
  button.setAttribute("aria-label", `${button.textContent}: ${caption.textContent}`);
  caption.append(button);
  on(button, "click", async () => {
    await copy(code);
    tell("example-copied");
  });
}

await present(enter(), async () => {
  const here = new URL((await call("GET", "/api/site")).origin);
  // What is always refused is not shown.
  const secure = here.protocol === "https:";
  document.getElementById("insecure").hidden = secure;
  for (const example of document.querySelectorAll("[data-secure]")) example.hidden = !secure;
  for (const example of document.querySelectorAll(".example")) fillIn(example, here);
});

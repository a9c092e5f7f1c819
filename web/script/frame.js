import { on } from "./busy.js";
import { call } from "./http.js";
import { prepareProof } from "./prove.js";
import { tellError } from "./tell.js";

/** Pages that the bar does not name, and the one that leads to them. */
const PART_OF = { import: "people", examples: "administrators" };

/** What every page behind the sign-in does first: finds out who is here, and shows what they may see. */
export async function enter() {
  prepareProof();
  const out = document.getElementById("sign-out");
  if (out) {
    on(out, "click", async () => {
      await call("POST", "/api/sign-out");
      location.assign("/?signed-out");
    });
  }
  const [, first] = location.pathname.split("/");
  document.querySelector(`nav a[href="/${PART_OF[first] ?? first}"]`)?.setAttribute("aria-current", "page");
  const me = await call("GET", "/api/me").catch((error) => {
    tellError(error);
    throw error;
  });
  for (const element of document.querySelectorAll("[data-right]")) element.hidden = !me.rights.includes(element.dataset.right);
  return me;
}

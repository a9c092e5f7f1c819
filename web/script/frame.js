import { prepareAgain } from "./again.js";
import { on } from "./busy.js";
import { call } from "./http.js";
import { prepareProof } from "./prove.js";
import { Told, tellError } from "./tell.js";

/** Pages that the bar does not name, and the one that leads to them. */
const PART_OF = { import: "people", examples: "administrators" };

// A page that the browser kept as it was (the way back) is shown to whoever is still signed in alone.
window.addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  const still = await fetch("/api/me").then(
    ({ ok, status }) => ok || status >= 500,
    () => true,
  );
  if (still) document.body.hidden = false;
  else location.replace("/?ended");
});

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
  const me = await call("GET", "/api/me");
  prepareAgain(me);
  for (const element of document.querySelectorAll("[data-right]"))
    element.hidden = !me.rights.includes(element.dataset.right);
  return me;
}

/**
 * Shows what a page is about, once it is known who is here: a page that cannot be shown says why, in the place of
 * looking as if nothing were there. Where what it is about is gone, none of its buttons is left.
 */
export async function present(entering, show) {
  try {
    await show(await entering);
  } catch (error) {
    const gone = error.code === "not-found";
    if (gone) for (const part of document.querySelectorAll("main > section, main > form")) part.hidden = true;
    tellError(gone ? new Told("gone") : error);
  }
}

import { open } from "./ask.js";
import { on } from "./busy.js";
import { copy } from "./copy.js";
import { tell } from "./tell.js";

const byId = (id) => document.getElementById(id);

/** Prepares the dialog of that name; what comes back shows a secret in it, once. `copied`: what is told of a copy. */
export function prepareOnce(name, copied) {
  const dialog = byId(name);
  const value = byId(`${name}-value`);
  const where = `${name}-tell`;
  on(
    byId(`copy-${name}`),
    "click",
    async () => {
      await copy(value);
      dialog.close();
      tell(copied);
    },
    { where },
  );
  // Shown once means once.
  dialog.addEventListener("close", () => value.replaceChildren());
  return (secret) => {
    value.textContent = secret;
    byId(where).replaceChildren();
    open(dialog);
  };
}

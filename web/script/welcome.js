import { on } from "./busy.js";
import { create } from "./ceremony.js";
import { enter, present } from "./frame.js";
import { onward } from "./onward.js";
import { preparePassword } from "./password.js";
import { proven } from "./prove.js";
import { MADE, SIGNED_IN, said, settle } from "./settle.js";

const just = said();
const target = onward("/home");
document.getElementById("later").href = target;

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const quiet = new AbortController();
const settled = entering.then((me) => settle(me, { quietly: just === SIGNED_IN, signal: quiet.signal }));
/** Whether a passkey was made without asking; that it could not be is nobody's business. */
const made = settled.then(
  ({ made }) => Boolean(made),
  () => false,
);

on(document.getElementById("make-passkey"), "click", async () => {
  quiet.abort();
  if (await made) return;
  await proven(create);
  location.assign(target);
});

made.then((quietly) => quietly && location.assign(target === "/home" ? target + MADE : target));

await present(entering, (me) => {
  document.getElementById("or-password").hidden = !me.may_set_password;
  preparePassword(me, () => location.assign(target));
});

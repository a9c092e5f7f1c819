import { on } from "./busy.js";
import { create } from "./ceremony.js";
import { enter } from "./frame.js";
import { preparePassword } from "./password.js";
import { proven } from "./prove.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();

on(document.getElementById("make-passkey"), "click", async () => {
  await proven(create);
  location.assign("/home");
});

const me = await entering;
document.getElementById("or-password").hidden = !me.may_set_password;
preparePassword(me, () => location.assign("/home"));

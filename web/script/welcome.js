import { on } from "./busy.js";
import { create } from "./ceremony.js";
import { enter } from "./frame.js";
import { preparePassword } from "./password.js";
import { proven } from "./prove.js";

const me = await enter();

on(document.getElementById("make-passkey"), "click", async () => {
  await proven(create);
  location.assign("/home");
});

document.getElementById("or-password").hidden = !me.may_set_password;
preparePassword(me, () => location.assign("/home"));

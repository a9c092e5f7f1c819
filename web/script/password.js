import { on } from "./busy.js";
import { call } from "./http.js";
import { proven } from "./prove.js";

/** Makes the form set one's own password; `then` comes after. */
export function preparePassword(me, then) {
  const form = document.getElementById("set-password");
  // For password managers: whose password it is.
  form.elements.username.value = me.username;
  on(form, "submit", async () => {
    await proven(() => call("POST", "/api/me/password", { password: form.elements.password.value }));
    form.reset();
    await then();
  });
}

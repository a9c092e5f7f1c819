import { on } from "./busy.js";
import { possible, use } from "./ceremony.js";
import { call, whenEnded } from "./http.js";
import { hush } from "./tell.js";

const byId = (id) => document.getElementById(id);
const where = { where: "again-tell" };

/**
 * Lets whoever was here sign in again on the page where their session ended: what they typed stays, and what they
 * wanted is done then. Once for each page that has the dialog; `me` is who was here.
 */
export function prepareAgain(me) {
  const dialog = byId("again");
  const form = byId("again-password");
  const said = { public_computer: me.session.public_computer };
  let asking = null;

  // Several calls may find out at once.
  whenEnded(() => (asking ??= ask().finally(() => (asking = null))));

  function ask() {
    form.hidden = !me.has_password;
    form.reset();
    form.elements.username.value = me.username;
    hush(where.where);
    dialog.showModal();
    return new Promise((signedIn) => {
      dialog.onclose = () => (dialog.returnValue === "signed-in" ? signedIn() : leave());
      dialog.returnValue = "";
    });
  }

  /** The page is the one of whoever was here: somebody else gets it anew. */
  async function goOn() {
    const { username } = await call("GET", "/api/me");
    if (username === me.username) dialog.close("signed-in");
    else location.reload();
  }

  on(
    byId("again-passkey"),
    "click",
    async () => {
      await possible();
      await use("/api/sign-in/passkey/begin", "/api/sign-in/passkey/finish", { said: () => said });
      await goOn();
    },
    where,
  );
  on(
    form,
    "submit",
    async () => {
      await call("POST", "/api/sign-in/password", {
        username: me.username,
        password: form.elements.password.value,
        ...said,
      });
      await goOn();
    },
    where,
  );
  byId("again-leave").onclick = () => dialog.close("");
}

/** To the sign-in, and back here from there. */
const leave = () => location.assign(`/?to=${location.pathname}${location.search}`);

import { on } from "./busy.js";
import { use } from "./ceremony.js";
import { call } from "./http.js";
import { Told, hush } from "./tell.js";

/**
 * A call that may ask the person to show once more that it is them. If they do, the call is made again; if they close
 * the dialog, it is not made.
 */
export async function proven(work) {
  try {
    return await work();
  } catch (error) {
    if (error.code === "passkey-needed") await prove({ byPasskey: true });
    else if (error.code === "prove-again") await prove();
    else throw error;
  }
  return work();
}

async function prove({ byPasskey = false } = {}) {
  const me = await call("GET", "/api/me");
  if (byPasskey && !me.passkeys) throw new Told("no-passkey");
  const none = !me.passkeys && !me.has_password;
  if (none && !me.mailable) throw new Told(me.kind === "administrator" ? "no-proof-administrator" : "no-proof");
  const dialog = document.getElementById("prove");
  const passkey = document.getElementById("prove-passkey");
  const password = document.getElementById("prove-password");
  passkey.hidden = !me.passkeys;
  password.hidden = byPasskey || !me.has_password;
  password.reset();
  document.getElementById("prove-mail").hidden = !none;
  document.getElementById("prove-code").hidden = true;
  hush("prove-tell");
  dialog.showModal();
  return new Promise((proved, given_up) => {
    dialog.onclose = () => (dialog.returnValue === "proved" ? proved() : given_up(new Told("cancelled")));
    dialog.returnValue = "";
  });
}

/** Makes the dialog work. Once for each page that has it. */
export function prepareProof() {
  const dialog = document.getElementById("prove");
  const password = document.getElementById("prove-password");
  const where = { where: "prove-tell" };
  on(
    document.getElementById("prove-passkey"),
    "click",
    async () => {
      await use("/api/me/proof/passkey/begin", "/api/me/proof/passkey/finish");
      dialog.close("proved");
    },
    where,
  );
  on(
    password,
    "submit",
    async () => {
      await call("POST", "/api/me/proof/password", { password: password.elements.password.value });
      dialog.close("proved");
    },
    where,
  );
  const code = document.getElementById("prove-code");
  on(
    document.getElementById("prove-send"),
    "click",
    async () => {
      const { username } = await call("GET", "/api/me");
      await call("POST", "/api/sign-in/recover", { username });
      document.getElementById("prove-mail").hidden = true;
      code.hidden = false;
      code.elements.code.focus();
    },
    where,
  );
  on(
    code,
    "submit",
    async () => {
      const { session } = await call("GET", "/api/me");
      // It opens another session in this one's place, in which somebody has just shown that it is them.
      await call("POST", "/api/sign-in/code", {
        code: code.elements.code.value,
        public_computer: session.public_computer,
      });
      dialog.close("proved");
    },
    where,
  );
  document.getElementById("prove-cancel").onclick = () => dialog.close("");
}

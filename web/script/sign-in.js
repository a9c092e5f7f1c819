import { on } from "./busy.js";
import { possible, use } from "./ceremony.js";
import { call } from "./http.js";
import { InField } from "./in-field.js";
import { arrive } from "./settle.js";
import { Told, tell, tellError } from "./tell.js";
import { dated, prepareToday } from "./today.js";
import { say } from "./words.js";

const form = document.getElementById("sign-in-password");
const username = document.getElementById("username");
const password = document.getElementById("password");
const publicComputer = document.getElementById("public-computer");

/** Asks for a passkey, and goes in with it. */
async function byPasskey({ earlier = false, ...how }) {
  const asked = earlier ? { earlier } : {};
  const { next } = await dated((today) => {
    const said = () => ({ public_computer: publicComputer.checked, ...asked, ...today });
    return use("/api/sign-in/passkey/begin", "/api/sign-in/passkey/finish", {
      asked,
      said,
      ...("today" in today ? {} : how),
    });
  });
  await arrive(next);
}

const inField = new InField(byPasskey, untrusted);

/** Where the browser does not trust the certificate it asks no device: the button would be of no use. */
function untrusted(error) {
  document.getElementById("sign-in-passkey").hidden = true;
  document.getElementById("moved").hidden = true;
  tellError(error);
}

/**
 * While the appliance moves, the old name's passkeys are asked for by a button of their own: a question is for one
 * name.
 */
async function showMoved({ moved_from: old }) {
  if (!old) return;
  const able = (await PublicKeyCredential.getClientCapabilities?.())?.relatedOrigins === true;
  document.getElementById("moved").hidden = false;
  document.getElementById("moved-text").textContent = say(able ? "sign-in.moved" : "sign-in.moved-unable", { old });
  const button = document.getElementById("sign-in-earlier");
  button.textContent = say("sign-in.earlier", { old });
  button.hidden = !able;
}

on(document.getElementById("sign-in-earlier"), "click", () => inField.apart(() => byPasskey({ earlier: true })));

on(document.getElementById("sign-in-passkey"), "click", async () => {
  await possible();
  await inField.apart(() => byPasskey({}));
});

prepareToday((enter) => inField.apart(async () => arrive((await enter()).next)));

const byPassword = document.getElementById("by-password");
const usePassword = document.getElementById("use-password");

function unfold() {
  byPassword.hidden = false;
  usePassword.hidden = true;
  usePassword.setAttribute("aria-expanded", "true");
}

usePassword.addEventListener("click", () => {
  unfold();
  (username.value ? password : username).focus();
});
// Enter in the username field goes on to the password instead of sending half a form.
username.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !byPassword.hidden) return;
  event.preventDefault();
  unfold();
  password.focus();
});

on(form, "submit", async () => {
  if (!username.value.trim() || !password.value) throw new Told("type-both");
  await inField.apart(async () => {
    const { next } = await dated((today) =>
      call("POST", "/api/sign-in/password", {
        username: username.value,
        password: password.value,
        public_computer: publicComputer.checked,
        ...today,
      }),
    );
    await arrive(next);
  });
});

on(document.getElementById("recover"), "click", async () => {
  if (!username.value.trim()) {
    username.focus();
    throw new Told("recover-who");
  }
  await call("POST", "/api/sign-in/recover", { username: username.value });
  askForCode(true);
  tell("recover");
});

const byCode = document.getElementById("by-code");

function askForCode(asked) {
  form.hidden = asked;
  byCode.hidden = !asked;
  (asked ? byCode.elements.code : username).focus();
}

on(byCode, "submit", async () => {
  const { next } = await call("POST", "/api/sign-in/code", {
    code: byCode.elements.code.value,
    public_computer: publicComputer.checked,
  });
  await arrive(next);
});

on(document.getElementById("have-code"), "click", () => askForCode(true));
on(document.getElementById("no-code"), "click", () => askForCode(false));

const why = location.search.slice(1);
if (why === "ended" || why === "signed-out") {
  tell(why);
  history.replaceState(null, "", "/");
} else if (location.search.startsWith("?to=/")) tell("sign-in-first");
try {
  await showMoved(await possible());
  // Whoever signed out on purpose is not signed in again by a page that waits for a passkey.
  if (why !== "signed-out") await inField.start();
  else username.addEventListener("click", () => inField.start(), { once: true });
} catch (error) {
  tellError(error);
}

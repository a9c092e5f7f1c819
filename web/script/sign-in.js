import { on } from "./busy.js";
import { get, possible } from "./ceremony.js";
import { call } from "./http.js";
import { onward } from "./onward.js";
import * as signal from "./signal.js";
import { Told, tell, tellError } from "./tell.js";

/** A ticket lives five minutes; the waiting prompt is renewed before that. */
const RENEW = 4 * 60 * 1000;

const form = document.getElementById("sign-in-password");
const username = document.getElementById("username");
const password = document.getElementById("password");
const publicComputer = document.getElementById("public-computer");
let waiting;

async function finish(answer) {
  try {
    const { next } = await call("POST", "/api/sign-in/passkey/finish", { ...answer, public_computer: publicComputer.checked });
    location.assign(onward(next));
  } catch (error) {
    if (error.code === "unknown-passkey") signal.unknown((await call("GET", "/api/site")).name, answer.credential.id);
    throw error;
  }
}

/** The prompt in the field (conditional mediation): waits until somebody picks a passkey there. */
async function waitInField() {
  waiting?.abort();
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { signal } = waiting;
  const renew = setTimeout(() => waitInField().catch(tellError), RENEW);
  signal.addEventListener("abort", () => clearTimeout(renew));
  try {
    await finish(await get("/api/sign-in/passkey/begin", { mediation: "conditional", signal }));
  } catch (error) {
    clearTimeout(renew);
    if (error?.name !== "AbortError" && error.code !== "busy" && error.code !== "cancelled") throw error;
  }
}

on(document.getElementById("sign-in-passkey"), "click", async () => {
  await possible();
  waiting?.abort();
  waiting = new AbortController();
  await finish(await get("/api/sign-in/passkey/begin", { signal: waiting.signal }));
});

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
  waiting?.abort();
  const { next } = await call("POST", "/api/sign-in/password", {
    username: username.value,
    password: password.value,
    public_computer: publicComputer.checked,
  });
  location.assign(onward(next));
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
  location.assign(onward(next));
});

on(document.getElementById("no-code"), "click", () => askForCode(false));

const why = location.search.slice(1);
if (why === "ended" || why === "signed-out") {
  tell(why);
  history.replaceState(null, "", "/");
}
try {
  await possible();
  // Whoever signed out on purpose is not signed in again by a page that waits for a passkey.
  if (why !== "signed-out") await waitInField();
  else username.addEventListener("click", () => waitInField().catch(tellError), { once: true });
} catch (error) {
  tellError(error);
}

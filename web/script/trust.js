import { say } from "./words.js";

const main = document.getElementById("main");
const { origin, plain } = main.dataset;
const name = new URL(origin).hostname;
const tell = document.getElementById("tell");
const TIMEOUT_MS = 8000;

/** Whether anything answers there. What it says, no page of another name may read; that it came is enough. */
async function answers(where) {
  try {
    await fetch(`${where}/healthz`, { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}

const LOCAL_V4 = /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const LOCAL_V6 = /^\[(::1|f[cd]|fe[89ab])/;
/** Whether the page was asked for by an address of this machine or of a local network. */
const isLocal = () => LOCAL_V4.test(location.hostname) || LOCAL_V6.test(location.hostname);
/** What browsers call the right to ask addresses of the local network (WICG, Local Network Access). */
const RIGHTS = ["local-network", "loopback-network", "local-network-access"];

/** Those of the rights that this browser knows. */
async function rights() {
  const asked = RIGHTS.map((right) => navigator.permissions?.query({ name: right }).catch(() => null));
  return (await Promise.all(asked)).filter(Boolean);
}

/**
 * Whether the browser may have kept the question to itself: from outside the local network no page may ask into it
 * without a right, and one in the clear never gets it. A local page needs none.
 */
async function isBarred() {
  return !isLocal() && (await rights()).some((right) => right.state === "denied");
}

/** Whether the browser takes the question in the clear to HTTPS by itself (HSTS), before it looks for the name. */
async function isStrict() {
  const how = { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) };
  const answer = await fetch(`${plain}/healthz`, how).catch(() => null);
  return answer?.type === "opaqueredirect";
}

/** iPads call themselves a Mac; a Mac has no touch screen. */
const isIos = () =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

/** Whether there is a CA to install: else the certificate is the administrator's to mend. */
const hasSteps = () => !document.getElementById("first").closest("section").hidden;

const notYet = () => (!hasSteps() ? "not-trusted" : isIos() ? "not-yet-ios" : "not-yet");

/** Whether the page was asked for by its own address, and not shown in the place of another. */
const isOwn = () => location.pathname === "/trust";

async function check() {
  show("checking");
  for (const id of ["lost", "go"]) document.getElementById(id).hidden = true;
  // Behind a warning that was clicked away every question is answered: the passkey has found out better.
  if (location.search === "?untrusted") {
    show(notYet(), "bad");
    return;
  }
  if (await answers(origin)) {
    // Whoever wanted another page gets it, under the name that passkeys work under.
    if (!isOwn() && location.origin !== origin) {
      location.replace(origin + location.pathname + location.search + location.hash);
      return;
    }
    document.getElementById("go").hidden = false;
    show("trusted", "good");
    return;
  }
  // From an encrypted page nobody may ask in the clear, so it is not known whether the name is found.
  const canAsk = location.protocol === "http:" && plain !== "";
  const found = canAsk && (location.hostname === name || (await answers(plain)));
  if (found) show(notYet(), "bad");
  else showLost(await whyLost(canAsk));
}

/** Why nothing answered, as far as a page may know. */
async function whyLost(canAsk) {
  if (await isBarred()) return isSecureContext ? "barred-by-choice" : "barred";
  if (!canAsk) return "unsure";
  if (await isStrict()) return hasSteps() ? "strict" : "unsure";
  return hasSteps() ? "lost" : "lost-known";
}

function showLost(what) {
  show(what, "bad");
  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  const address = isAddress ? location.hostname.replace(/[[\]]/g, "") : "192.168.1.2";
  document.getElementById("line").textContent = `${address} ${name}`;
  document.getElementById("lost").hidden = false;
  // Whoever goes there finds out what the page may not.
  document.getElementById("go").hidden = !what.startsWith("barred");
}

function show(what, tone) {
  tell.textContent = say(`trust.${what}`, { name });
  tell.dataset.tone = tone ?? "";
}

if (isIos()) {
  document.getElementById("for-macos").open = false;
  document.getElementById("for-ios").open = true;
}
window.addEventListener("beforeprint", () => {
  for (const steps of document.querySelectorAll("details")) steps.open = true;
});
document.getElementById("again").addEventListener("click", check);
check();
for (const right of await rights()) right.addEventListener("change", check);

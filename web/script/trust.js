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
  document.getElementById("lost").hidden = true;
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
  else showLost(!canAsk ? "unsure" : hasSteps() ? "lost" : "lost-known");
}

function showLost(what) {
  show(what, "bad");
  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  const address = isAddress ? location.hostname.replace(/[[\]]/g, "") : "192.168.1.2";
  document.getElementById("line").textContent = `${address} ${name}`;
  document.getElementById("lost").hidden = false;
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

import { showBackups } from "./backup-state.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { onward } from "./onward.js";
import { MADE, SIGNED_IN, said, settle } from "./settle.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

const just = said();
const show = (id, text) => (document.getElementById(id).textContent = text);

function showPasskeys(count) {
  show("passkey-count", count);
  const advice = ["home.passkeys-none", "home.passkeys-one"][count] ?? "home.passkeys-some";
  show("passkey-advice", say(advice));
}

async function backups() {
  const now = await call("GET", "/api/backups");
  showBackups(now, "backups.good-brief");
  document.getElementById("backups-tile").hidden = false;
  if (now.schedule) return;
  show("backups-good", say("home.backups-off"));
  document.getElementById("backups-good").hidden = false;
}

/** Whoever signed in meanwhile was on the way to another service. Going on by itself could go round in circles. */
function showTheWayOn() {
  const target = onward("/home");
  if (target === "/home") return;
  document.getElementById("onward").hidden = false;
  document.getElementById("target").href = target;
  show("target", target);
}

/** A test certificate, and one that cannot be had, are told before browsers tell it. */
async function warnOfCertificate({ rights }) {
  if (!rights.includes("settings")) return;
  const { serves_test, failures, next } = await call("GET", "/api/acme");
  const warning = document.getElementById("certificate-warning");
  warning.hidden = !serves_test && failures === 0;
  warning.querySelector("span").textContent = serves_test
    ? say("acme.test")
    : say("acme.home-failed", { next: at(next) });
}

/** While nothing can be written, everybody is told before they try. */
async function warnOfDisk() {
  const { status } = await fetch("/healthz", { cache: "no-store" });
  document.getElementById("unwritable").hidden = status !== 503;
}

async function warnOfLogServer() {
  const { missing_since } = await call("GET", "/api/syslog");
  const warning = document.getElementById("log-server");
  warning.hidden = missing_since === null;
  warning.querySelector("span").textContent =
    missing_since === null ? "" : say("home.log-server", { since: at(missing_since) });
}

/** How often is looked whether another host has the name too. */
const LOOK_MS = 5000;

/** Another host of the appliance's name is told within seconds, and the CA's end a year before it. */
async function watchName({ rights }) {
  if (!rights.includes("settings")) return;
  for (;;) {
    const now = await call("GET", "/api/settings").catch(() => null);
    if (now !== null) {
      warnOfName(now);
      warnOfTwin(now);
    }
    await new Promise((done) => setTimeout(done, LOOK_MS));
    if (document.hidden)
      await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
  }
}

/** Another board that has a copy of this one's card. */
function warnOfTwin({ twin }) {
  const warning = document.getElementById("twin-warning");
  const text = twin
    ? say(twin.started_later ? "home.twin-later" : "home.twin-earlier", {
        place: twin.address ? ` (${twin.address})` : "",
        started: at(twin.started),
        newest: at(twin.newest),
        act: say("home.twin-act"),
      })
    : "";
  if (warning.textContent !== text) warning.textContent = text;
  warning.hidden = !text;
}

function warnOfName({ on_lan, name_in_use, certificate }) {
  const taken = document.getElementById("name-warning");
  const text = on_lan.taken_by ? say("settings.name-taken", { by: on_lan.taken_by, name: name_in_use }) : "";
  // Said once, not at every look.
  if (taken.textContent !== text) taken.textContent = text;
  taken.hidden = !text;
  const ends = document.getElementById("authority-warning");
  ends.hidden = !certificate?.authority_ends_soon;
  if (!ends.hidden)
    ends.querySelector("span").textContent = say("home.authority-ends", { until: at(certificate.authority_until) });
}

async function settled(me) {
  const { passkeys, made } = await settle(me, { quietly: just === SIGNED_IN });
  showPasskeys(passkeys.length);
  const told = just === MADE ? passkeys.toSorted((one, other) => other.created - one.created)[0] : made;
  if (told) tell("passkey-made-quietly", told);
}

await present(enter(), async (me) => {
  show("greeting", say("home.hello", { name: me.name }));
  showPasskeys(me.passkeys);
  const until = { until: at(me.session.expires) };
  show("session-note", say(me.session.public_computer ? "home.session-public" : "home.session", until));
  if (me.extension) {
    document.getElementById("line").hidden = false;
    show("extension", me.extension);
  }
  showTheWayOn();
  await warnOfDisk().catch(() => {});
  if (me.rights.includes("settings")) await backups().catch(() => {});
  if (me.rights.includes("settings")) await warnOfLogServer().catch(() => {});
  await warnOfCertificate(me).catch(() => {});
  watchName(me);
  await settled(me).catch(() => {});
});

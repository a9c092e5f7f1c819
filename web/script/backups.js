import { confirmed } from "./ask.js";
import { showBackups } from "./backup-state.js";
import { on } from "./busy.js";
import { call, change } from "./http.js";
import { proven } from "./prove.js";
import { Told, tell, tellError } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

/** Of a file: its head with the first chunk, and what a chunk is long (DESIGN.md, "A backup, in bytes"). */
const HEAD = 72;
const CHUNK = 65_552;

const byId = (id) => document.getElementById(id);
const form = byId("backups");
const { into, endpoint, bucket, prefix, region, access_key, secret } = form.elements;
const { folder, when, daily_at, every_hours, keep, passphrase, again } = form.elements;

/** A time of day in UTC as one here, or the other way round (`sign` -1). */
function shifted(time, sign) {
  const [hour, minute] = time.split(":").map(Number);
  const minutes = hour * 60 + minute - sign * new Date().getTimezoneOffset();
  const day = ((minutes % 1440) + 1440) % 1440;
  return [Math.floor(day / 60), day % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** The state of the schedule that is shown. */
let tag = null;

function show({ json: now, tag: shown }) {
  tag = shown;
  const { schedule } = now;
  form.reset();
  if (schedule) {
    into.value = schedule.bucket ? "bucket" : "folder";
    folder.value = schedule.folder;
    if (schedule.bucket) {
      endpoint.value = schedule.bucket.endpoint;
      bucket.value = schedule.bucket.name;
      for (const field of [prefix, region, access_key]) field.value = schedule.bucket[field.name];
    }
    when.value = schedule.daily_at ? "daily" : "hours";
    if (schedule.daily_at) daily_at.value = shifted(schedule.daily_at, 1);
    if (schedule.every_hours) every_hours.value = schedule.every_hours;
    keep.value = schedule.keep;
  }
  const place = byId("folder-place");
  place.hidden = !schedule || Boolean(schedule.bucket);
  place.textContent = schedule?.mount ? say("backups.on-mount", schedule) : say("backups.own-disk");
  for (const id of ["backups-kept", "make-backup", "remove-backups"]) byId(id).hidden = !schedule;
  showBackups(now);
  unfold();
}

function unfold() {
  byId("into-folder").hidden = into.value !== "folder";
  byId("into-bucket").hidden = into.value !== "bucket";
  byId("at-time").hidden = when.value !== "daily";
  byId("each-hours").hidden = when.value !== "hours";
}
when.addEventListener("change", unfold);
into.addEventListener("change", unfold);

/** A change of the schedule as it is shown. If it is another by now, that one is shown. */
async function sent(method, said) {
  try {
    return await proven(() => change(method, "/api/backups", said, tag));
  } catch (error) {
    if (error.code === "stale") show(await change("GET", "/api/backups"));
    throw error;
  }
}

on(form, "submit", async () => {
  if (passphrase.value !== again.value) throw new Told("passphrases-differ", { field: "again" });
  const said = { keep: Number(keep.value) };
  if (into.value === "folder") said.folder = folder.value;
  else {
    said.bucket = { endpoint: endpoint.value, name: bucket.value, prefix: prefix.value, region: region.value };
    said.bucket.access_key = access_key.value;
    // Without the field the secret that was set stays.
    if (secret.value) said.bucket.secret = secret.value;
  }
  if (when.value === "daily") said.daily_at = daily_at.value && shifted(daily_at.value, -1);
  else said.every_hours = Number(every_hours.value);
  // Without the field the passphrase that was set stays.
  if (passphrase.value) said.passphrase = passphrase.value;
  await sent("PUT", said);
  await make();
});

/** Whoever sets it sees at once whether it works. */
async function make() {
  const made = await proven(() => change("POST", "/api/backups/make"));
  show(made);
  const now = made.json;
  if (now.state === "failed") throw new Told("backup-failed", { message: say("backups.state-failed", now.bad) });
  tell("backup-made");
}

on(byId("make-backup"), "click", make);

on(byId("remove-backups"), "click", async () => {
  const question = { title: say("backups.remove-title"), text: say("backups.remove-text"), yes: say("backups.remove") };
  if (!(await confirmed(question))) return;
  await sent("DELETE");
  show(await change("GET", "/api/backups"));
  tell("backups-removed");
});

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192)
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}

on(byId("try-backup"), "submit", async () => {
  const { file, passphrase } = byId("try-backup").elements;
  const answer = byId("tried");
  answer.hidden = true;
  const [chosen] = file.files;
  if (!chosen) return;
  const last = Math.max(0, Math.ceil((chosen.size - HEAD) / CHUNK) - 1);
  const asked = {
    passphrase: passphrase.value,
    length: chosen.size,
    start: await base64(chosen.slice(0, HEAD + CHUNK)),
    end: last ? await base64(chosen.slice(HEAD + last * CHUNK)) : "",
  };
  const { fits, taken, said } = await proven(() => call("POST", "/api/backup/try", asked));
  const of = { when: taken === null ? "" : at(taken), said };
  answer.textContent = say(fits ? (taken === null ? "backups.fits-undated" : "backups.fits") : "backups.fits-not", of);
  answer.dataset.fits = fits;
  answer.hidden = false;
});

try {
  show(await change("GET", "/api/backups"));
} catch (error) {
  tellError(error);
}

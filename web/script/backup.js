import { on } from "./busy.js";
import { ask } from "./http.js";
import { proven } from "./prove.js";
import { Told, tell } from "./tell.js";

const form = document.getElementById("backup");
const { passphrase, again } = form.elements;

/** Saves what came as a file, under the name that the answer gives it. */
async function save(response) {
  const name = response.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name ?? "linekey.backup";
  link.click();
  // The browser has taken it over by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

on(form, "submit", async () => {
  if (passphrase.value !== again.value) throw new Told("passphrases-differ", { field: "again" });
  const how = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ passphrase: passphrase.value }),
  };
  await save(await proven(() => ask("/api/backup", how)));
  form.reset();
  tell("backed-up");
});

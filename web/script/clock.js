import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { ask, call } from "./http.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

/** A date that is further off is another one: seconds. */
const FAR = 86_400;

const form = document.getElementById("clock");
const servers = form.elements.time_servers;
const confirm = document.getElementById("clock-confirm");
const back = document.getElementById("clock-back");
const now = () => Math.floor(Date.now() / 1000);

function show(clock) {
  const fill = (id, text) => {
    const line = document.getElementById(id);
    line.hidden = !text;
    line.textContent = text;
  };
  const { date, known, machine, doubted } = clock;
  fill("clock-now", say(known ? "clock.known" : "clock.unknown", { date: at(date) }));
  fill("clock-doubted", doubted && say("clock.doubted", { date: at(doubted) }));
  fill("clock-machine", Math.abs(machine - date) > FAR && say("clock.machine", { date: at(machine) }));
  const isBehind = now() + FAR < date;
  confirm.hidden = known || isBehind;
  confirm.textContent = say("clock.confirm", { date: at(now()) });
  back.hidden = !isBehind;
  back.textContent = say("clock.back", { date: at(now()) });
  servers.value = clock.time_servers.join(", ");
}

/** A change that may want a proof first. */
const send = (method, path, body) =>
  proven(() => ask(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));

on(form, "submit", async () => {
  show(await (await send("PATCH", "/api/clock", { time_servers: servers.value })).json());
  tell("saved");
});

on(confirm, "click", async () => {
  show(await (await send("POST", "/api/clock/confirm", { date: now() })).json());
  tell("clock-confirmed");
});

on(back, "click", async () => {
  const date = now();
  const { authority, ...counts } = await call("GET", `/api/clock/back?date=${date}`);
  const certificates = say(authority ? "clock.back-new" : "clock.back-keeps");
  const places = { date: at(date), certificates, ...counts };
  const question = { title: say("clock.back-title", places), text: say("clock.back-text", places), yes: say("clock.back-yes") };
  if (!(await confirmed(question))) return;
  await send("POST", "/api/clock/back", { date });
  tell("clock-back");
});

show(await call("GET", "/api/clock"));

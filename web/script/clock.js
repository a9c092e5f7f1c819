import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { call, change } from "./http.js";
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

/** The state of the time servers that are shown. */
let tag = null;

function show({ json: clock, tag: read }) {
  tag = read;
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
  const flag = clock.time_servers_by_flag;
  const asked = flag?.length ? say("clock.flag", { servers: flag.join(", ") }) : say("clock.flag-nobody");
  fill("clock-flag", flag && asked);
  servers.value = clock.time_servers.join(", ");
}

on(form, "submit", async () => {
  try {
    show(await proven(() => change("PATCH", "/api/clock", { time_servers: servers.value }, tag)));
  } catch (error) {
    if (error.code === "stale") show(await change("GET", "/api/clock"));
    throw error;
  }
  tell("saved");
});

on(confirm, "click", async () => {
  show(await proven(() => change("POST", "/api/clock/confirm", { date: now() })));
  tell("clock-confirmed");
});

on(back, "click", async () => {
  const date = now();
  const { authority, ...counts } = await call("GET", `/api/clock/back?date=${date}`);
  const certificates = say(authority ? "clock.back-new" : "clock.back-keeps");
  const places = { date: at(date), certificates, ...counts };
  const question = {
    title: say("clock.back-title", places),
    text: say("clock.back-text", places),
    yes: say("clock.back-yes"),
  };
  if (!(await confirmed(question))) return;
  await proven(() => call("POST", "/api/clock/back", { date }));
  tell("clock-back");
});

show(await change("GET", "/api/clock"));

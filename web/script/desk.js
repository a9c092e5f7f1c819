import { on } from "./busy.js";
import { showPutOut } from "./device.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { tell } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

/** The hour at which a day at a desk usually ends. */
const EVENING = "18:00";

const entering = enter();
const byId = (id) => document.getElementById(id);
const form = byId("take");
const address = `/api/desks/${location.pathname.split("/").at(-1)}`;

/** The next moment at which a clock here shows that, in seconds since 1970. */
function next(time) {
  const [hours, minutes] = time.split(":").map(Number);
  const moment = new Date();
  moment.setHours(hours, minutes, 0, 0);
  if (moment <= new Date()) moment.setDate(moment.getDate() + 1);
  return Math.floor(moment / 1000);
}

function show({ label, sitting, put_out: putOut }) {
  showPutOut(byId("put-out"), putOut);
  byId("label").textContent = label;
  const state = sitting ? (sitting.mine ? "desk.mine" : "desk.others") : "desk.free";
  byId("state").textContent = say(state, sitting ? { ...sitting, until: at(sitting.until) } : {});
  byId("leave").hidden = !sitting?.mine;
}

on(form, "submit", async () => {
  const until = next(form.elements.until.value || EVENING);
  const desk = await proven(() => call("POST", `${address}/take`, { until }));
  show(desk);
  tell("desk-taken", { label: desk.label, until: at(until) });
});

on(byId("leave"), "click", async () => {
  const desk = await call("POST", `${address}/leave`, {});
  show(desk);
  tell("desk-left", desk);
});

await present(entering, async () => {
  form.elements.until.value = EVENING;
  const { extension } = await call("GET", "/api/me");
  form.hidden = !extension;
  byId("administrator").hidden = Boolean(extension);
  show(await call("GET", address));
});

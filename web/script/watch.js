import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { call } from "./http.js";
import { prepareOnce } from "./once.js";
import { proven } from "./prove.js";
import { tell, tellError } from "./tell.js";
import { at } from "./time.js";
import { say } from "./words.js";

/** The port that goes with each way (RFC 5425 §4.1, RFC 5426 §3.3). */
const USUAL = { tls: "6514", udp: "514" };

const byId = (id) => document.getElementById(id);
const form = byId("syslog");
const { server, transport, port, roots } = form.elements;
let isOn = false;

function showMetrics({ on: gives, since }) {
  isOn = gives;
  byId("metrics-state").textContent = gives ? say("metrics.state-on", { since: at(since) }) : say("metrics.state-off");
  byId("metrics-on").textContent = say(gives ? "metrics.anew" : "metrics.on");
  byId("metrics-off").hidden = !gives;
}

function showSyslog({ syslog, missing_since, said, lost }) {
  form.reset();
  if (syslog) {
    server.value = syslog.server;
    transport.value = syslog.transport;
    port.value = syslog.port;
    roots.value = syslog.roots ?? "";
  }
  roots.closest("details").open = Boolean(syslog?.roots);
  byId("syslog-off").hidden = !syslog;
  const missing = byId("syslog-missing");
  missing.hidden = missing_since === null;
  missing.textContent = missing_since === null ? "" : say("syslog.missing", { since: at(missing_since), said, lost });
  warn();
}

function warn() {
  byId("syslog-clear").hidden = transport.value !== "udp";
  roots.closest("details").hidden = transport.value === "udp";
}

transport.addEventListener("change", () => {
  if (Object.values(USUAL).includes(port.value)) port.value = USUAL[transport.value];
  warn();
});

const showToken = prepareOnce("token", "token-copied");

on(byId("metrics-on"), "click", async () => {
  const question = { title: say("metrics.anew-title"), text: say("metrics.anew-text"), yes: say("metrics.anew") };
  if (isOn && !(await confirmed(question))) return;
  const { token } = await proven(() => call("POST", "/api/metrics", {}));
  showMetrics(await call("GET", "/api/metrics"));
  showToken(token);
});

on(byId("metrics-off"), "click", async () => {
  await proven(() => call("DELETE", "/api/metrics"));
  showMetrics(await call("GET", "/api/metrics"));
  tell("metrics-off");
});

on(form, "submit", async () => {
  const said = { server: server.value, transport: transport.value, port: Number(port.value) };
  if (transport.value === "tls") said.roots = roots.value;
  showSyslog(await proven(() => call("PUT", "/api/syslog", said)));
  tell("saved");
});

on(byId("syslog-off"), "click", async () => {
  await proven(() => call("DELETE", "/api/syslog"));
  showSyslog(await call("GET", "/api/syslog"));
  tell("syslog-off");
});

try {
  showMetrics(await call("GET", "/api/metrics"));
  showSyslog(await call("GET", "/api/syslog"));
} catch (error) {
  tellError(error);
}

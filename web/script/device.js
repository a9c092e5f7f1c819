import { at } from "./time.js";
import { say } from "./words.js";

/** Writes a device into its row: what it is, whose, and whether it is on the line. */
export function writeDevice(row, device) {
  row.dataset.device = device.id;
  row.querySelector("strong").textContent = device.label;
  const owner = device.extension ? say("phones.owner", device) : say("phones.nobodys");
  const facts = say("phones.facts", { ...device, kind: say(`phones.kind.${device.kind}`), owner });
  const other = device.other_mac && say("phones.other-mac-is", device);
  const loses = device.loses && say("phones.loses", device.loses);
  row.querySelector(".facts").textContent = [facts, other, loses].filter(Boolean).join(" · ");
  writeState(row, device);
}

/** Says that somebody was put out of a desk, if so. */
export function showPutOut(place, putOut) {
  place.hidden = !putOut;
  if (putOut) place.textContent = say(putOut.by ? "me.put-out" : "me.put-out-freed", { ...putOut, at: at(putOut.at) });
}

/** Writes what is known of the device on the line into its row. */
export function writeState(row, device) {
  const { state, sitting, sealed_elsewhere: sealed } = device;
  const { registered, bindings, failing } = state;
  const badge = row.querySelector(".badge");
  const ring = row.querySelector('[data-action="ring"]');
  if (ring) ring.hidden = !registered;
  badge.hidden = !registered && !failing && !sealed;
  badge.textContent = say(sealed ? "phones.sealed" : failing ? "phones.failing" : "phones.registered");
  const from = ({ address, transport, since }) =>
    say("phones.from", { address, transport: transport.toUpperCase(), since: at(since) });
  const parts = [
    ...bindings.map(from),
    !registered && !failing && !sealed && (onItsWay(device) ?? say("phones.away")),
    device.tested && say(`phones.tested.${device.tested}`),
    device.not_fetched && say(follows(state)),
    sealed && say("phones.sealed-text"),
    failing && say("phones.why", { ...failing, why: say(`phones.why.${failing.why}`), at: at(failing.at) }),
    sitting && say("phones.sits", { ...sitting, until: at(sitting.until) }),
  ];
  row.querySelector(".state").textContent = parts.filter(Boolean).join(" · ");
}

/** When a phone whose settings changed learns of it. */
function follows({ busy, registered }) {
  if (busy) return "phones.changed-busy";
  return registered ? "phones.changed" : "phones.changed-away";
}

/** How far a phone that fetches its settings has come; nothing where it has none to fetch. */
function onItsWay({ mac, open_until: until, fetched, fetched_from: from }) {
  if (!mac) return undefined;
  if (fetched) return say("phones.fetched", { at: at(fetched), from });
  return until ? say("phones.waiting", { until: at(until) }) : say("phones.nobody-came");
}

const lang = document.documentElement.lang;
const moment = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });

const STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** A time as on a calendar. */
export const at = (seconds) => moment.format(seconds * 1000);

/** How long ago, in the largest whole unit; further back than a month it is a date. */
export function ago(seconds) {
  // The appliance's clock may be ahead of this one: nothing was used in the future.
  const past = Math.max(0, Date.now() / 1000 - seconds);
  if (past > 30 * 86400) return at(seconds);
  const [unit, length] = STEPS.find(([, length]) => past >= length) ?? ["minute", 60];
  return relative.format(-Math.floor(past / length), unit);
}

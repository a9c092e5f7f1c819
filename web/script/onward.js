/**
 * Where to go after signing in: the service behind a reverse proxy that sent somebody here with `?to=`, if it is at our
 * own host name (any port) over HTTPS or at our origin; else `next`. Proxies that cannot percent-encode put the address
 * there as it is, so that everything behind `?to=` belongs to it. The page of welcome comes first, and knows where to
 * go then.
 */
export function onward(next, { search, origin, hostname } = location) {
  const [, given] = search.match(/^\?to=(.+)$/) ?? [];
  if (!given) return next;
  if (next === "/welcome") return `/welcome${search}`;
  if (next !== "/home") return next;
  try {
    const target = new URL(/^(\/|https?:)/.test(given) ? given : decodeURIComponent(given), origin);
    const ours = target.origin === origin || (target.protocol === "https:" && target.hostname === hostname);
    return ours && !target.username && !target.password ? target.href : next;
  } catch {
    return next;
  }
}

import { ago, at } from "./time.js";
import { say } from "./words.js";
import { badge } from "./rows.js";

/** How many passkeys an account has, and when it was last seen. */
export function ofAccount(account) {
  const kind = account.passkeys < 2 ? account.passkeys : "n";
  return say("facts.account", {
    passkeys: say(`facts.passkeys-${kind}`, { count: account.passkeys }),
    seen: account.last_seen ? say("facts.seen", { when: ago(account.last_seen) }) : say("facts.unseen"),
  });
}

/** Writes what is known of a passkey into its row. */
export function writePasskey(row, passkey) {
  row.dataset.passkey = passkey.id;
  row.querySelector("strong").textContent = passkey.name;
  if (passkey.synced) badge(row, say("facts.synced"));
  const used = passkey.last_used
    ? say("facts.used", {
        when: ago(passkey.last_used),
        address: passkey.address,
        browser: passkey.browser || say("facts.a-browser"),
      })
    : say("facts.unused");
  const kind = passkey.authenticator ?? say("facts.any-passkey");
  row.querySelector("p").textContent = say("facts.passkey", { kind, created: at(passkey.created), used });
}

/** What is known of an account's access for programs. */
export function ofApi(api) {
  if (!api) return say("facts.api-none");
  const used = api.last_used
    ? say("facts.used", {
        when: ago(api.last_used),
        address: api.address,
        browser: api.browser || say("facts.a-program"),
      })
    : say("facts.unused");
  return say("facts.api", { since: at(api.since), used });
}

/** Writes what is known of a session into its row. */
export function writeSession(row, session) {
  row.dataset.session = session.id;
  row.querySelector("strong").textContent = session.browser || say("facts.no-browser");
  if (session.current) badge(row, say("facts.this-browser"));
  row.querySelector("p").textContent = say("facts.session", {
    by: say(`facts.by-${session.by}`),
    opened: at(session.opened),
    when: ago(session.last_used),
    address: session.address,
    expires: at(session.expires),
  });
}

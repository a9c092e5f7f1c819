import { Told, refused } from "./tell.js";

/** One call of the API: the JSON that came back, or an error that can be shown. */
export async function call(method, path, body) {
  const response = await ask(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.headers.get("Content-Type")?.startsWith("application/json") ? response.json() : null;
}

/** The answer to a question of that form (`fetch`), or an error that can be shown. */
export async function ask(path, how) {
  let response;
  try {
    response = await fetch(path, how);
  } catch {
    throw new Told("offline");
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  const error = answer?.error ? refused(answer) : new Told("strange", { places: { status: response.status } });
  // Whoever is told no knows that nothing has changed. A server that is in trouble may have done it all the same.
  error.refused = response.status < 500 && error.code !== "strange";
  // The session ended in the meantime: nothing on this page works any more.
  if (error.code === "signed-out") {
    location.assign("/?ended");
    return new Promise(() => {});
  }
  throw error;
}

import { Told, refused } from "./tell.js";

/** One call of the API: the JSON that came back, or an error that can be shown. */
export async function call(method, path, body) {
  return (await change(method, path, body)).json;
}

/**
 * The same, with the state that a record is in (its `tag`). A change that is made to the state with a certain tag is
 * refused where the record is in another one by now.
 */
export async function change(method, path, body, tag) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (tag) headers["If-Match"] = tag;
  const response = await ask(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  return { json: isJson ? await response.json() : null, tag: response.headers.get("ETag") };
}

let signInAgain = () => {
  location.assign("/?ended");
  return new Promise(() => {});
};

/** What is done when the session has ended: the call is made again once that is over. */
export function whenEnded(work) {
  signInAgain = work;
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
  if (error.code === "signed-out") {
    await signInAgain();
    return ask(path, how);
  }
  throw error;
}

import { ask } from "./http.js";

/** How long after a line broke it is opened again, in milliseconds: as browsers do it (HTML §9.2). */
const AGAIN = 3000;

/**
 * Server-sent events (HTML §9.2), each JSON, over a line that is opened again when it breaks: `opened` each time that
 * it is open, `comes` for each of them, `ended` if the server will not have us. `EventSource` would not tell a server
 * that is full from a proxy whose server is away. What comes back ends it.
 */
export function tail(path, { opened, comes, ended }) {
  const over = new AbortController();
  run().catch(() => {});
  return () => over.abort();

  async function run() {
    while (!over.signal.aborted) {
      try {
        await read(await ask(path, { signal: over.signal }));
      } catch (error) {
        if (over.signal.aborted) return;
        if (error.refused || error.code === "busy") return ended(error);
      }
      await new Promise((wait) => setTimeout(wait, AGAIN));
    }
  }

  async function read({ body }) {
    opened();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) if (event.startsWith("data: ")) comes(JSON.parse(event.slice("data: ".length)));
    }
  }
}

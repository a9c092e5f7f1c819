import { hush, tellError } from "./tell.js";

/** Runs what a button or form stands for, once at a time, and shows what goes wrong. */
export function on(element, event, work, { where = "tell" } = {}) {
  let running = false;
  element.addEventListener(event, async (happened) => {
    happened.preventDefault();
    if (running) return;
    running = true;
    const button = happened.submitter ?? happened.currentTarget;
    button.setAttribute("aria-busy", "true");
    hush(where);
    try {
      await work(happened);
    } catch (error) {
      if (error?.name !== "AbortError")
        tellError(error, { where, form: element instanceof HTMLFormElement ? element : undefined });
    } finally {
      running = false;
      button.removeAttribute("aria-busy");
    }
  });
}

import { Told, tellError } from "./tell.js";

/** A ticket lives five minutes; the waiting prompt is renewed before that. */
const RENEW = 4 * 60 * 1000;
/**
 * How long after what went wrong it waits again: each time twice as long, so that a device which answers by itself, or
 * an appliance that does not answer at all, is not asked without end.
 */
const FIRST = 1000;
const LONGEST = 60 * 1000;

/**
 * The prompt in the field (conditional mediation): waits until somebody picks a passkey there. One question at a time
 * can be open to a device, so that it makes room for every other, and waits again if that one came to nothing.
 */
export class InField {
  #ask;
  #untrusted;
  #wanted = false;
  #open = new AbortController();
  #failures = 0;

  /**
   * `ask` asks for a passkey with these options, and goes on with the answer. `untrusted` is told, once, that the
   * browser refuses to ask because it does not trust the certificate.
   */
  constructor(ask, untrusted) {
    this.#ask = ask;
    this.#untrusted = untrusted;
  }

  /** Waits from now on. */
  async start() {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    this.#wanted = true;
    this.#failures = 0;
    this.#wait();
  }

  /** Runs what needs the device, or the page, for itself. */
  async apart(work) {
    this.#open.abort();
    try {
      return await work();
    } catch (error) {
      if (this.#wanted) this.#wait();
      throw error;
    }
  }

  async #wait() {
    this.#open.abort();
    const open = (this.#open = new AbortController());
    const { signal } = open;
    const later = (length, failures) => {
      const again = () => {
        this.#failures = failures;
        this.#wait();
      };
      const timer = setTimeout(again, length);
      signal.addEventListener("abort", () => clearTimeout(timer));
    };
    later(RENEW, 0);
    try {
      await this.#ask({ mediation: "conditional", signal });
    } catch (error) {
      // Aborted by another question, which sees to the next.
      if (signal.aborted) return;
      if (error.code === "untrusted") {
        open.abort();
        this.#wanted = false;
        this.#untrusted(error);
        return;
      }
      // An idle page says nothing: nobody has done anything yet.
      if (error.answered) tellError(error);
      else if (!(error instanceof Told)) console.error(error);
      later(Math.min(FIRST * 2 ** this.#failures, LONGEST), this.#failures + 1);
    }
  }
}

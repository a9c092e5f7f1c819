import { Told } from "./tell.js";

/** Copies an element's text. Browsers let pages do so at secure addresses alone; elsewhere the text is selected. */
export async function copy(element) {
  if (!navigator.clipboard) {
    getSelection().selectAllChildren(element);
    throw new Told("copy-by-hand");
  }
  await navigator.clipboard.writeText(element.textContent);
}

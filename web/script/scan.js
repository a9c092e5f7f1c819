import { open } from "./ask.js";
import { on } from "./busy.js";

/** How often a picture of the camera is looked at, in milliseconds. */
const LOOK = 200;
/** What labels of phones have their MAC address in. */
const FORMATS = ["code_128", "code_39", "qr_code", "data_matrix"];

/** The first MAC address in a text: 12 digits, perhaps with signs between the pairs. */
export function macIn(text) {
  const found = text.match(/(?<![0-9a-f])[0-9a-f]{2}(?:[:.-]?[0-9a-f]{2}){5}(?![0-9a-f])/i);
  return found?.[0].replaceAll(/[:.-]/g, "").toLowerCase();
}

/** Lets a button fill a field by a label that the camera sees, where the browser can read one. */
export async function scanInto(field, button) {
  const known = (await globalThis.BarcodeDetector?.getSupportedFormats?.()) ?? [];
  const formats = FORMATS.filter((format) => known.includes(format));
  if (!formats.length || !navigator.mediaDevices) return;
  const detector = new BarcodeDetector({ formats });
  button.hidden = false;
  on(button, "click", async () => {
    const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const dialog = document.getElementById("scanner");
    const view = document.getElementById("scanner-view");
    const end = () => camera.getTracks().forEach((track) => track.stop());
    dialog.addEventListener("close", end, { once: true });
    view.srcObject = camera;
    open(dialog);
    await view.play();
    look(detector, view, dialog, (mac) => {
      field.value = mac;
      dialog.close();
      field.focus();
    });
  });
}

async function look(detector, view, dialog, found) {
  if (!dialog.open) return;
  const codes = await detector.detect(view).catch(() => []);
  const mac = codes.map(({ rawValue }) => macIn(rawValue)).find(Boolean);
  if (mac) found(mac);
  else setTimeout(() => look(detector, view, dialog, found), LOOK);
}

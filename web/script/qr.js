/** Draws a code into its SVG; the quiet zone of four modules belongs to it. */
export function draw(code, qr) {
  code.toggleAttribute("hidden", !qr);
  if (!qr) return;
  code.setAttribute("viewBox", `-4 -4 ${qr.size + 8} ${qr.size + 8}`);
  code.querySelector("path").setAttribute("d", qr.path);
}

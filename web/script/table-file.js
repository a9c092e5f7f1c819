/** A spreadsheet's table is UTF-8, UTF-16 ("Unicode text"), or what Windows wrote before that. */
export async function read(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const wide = wideForm(bytes);
  if (wide) return new TextDecoder(wide).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/**
 * Which UTF-16 it is, by its byte order mark, or by the zero beside every digit, comma and line end: no other text has
 * any.
 */
function wideForm(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const zeros = [0, 0];
  bytes.forEach((byte, place) => (zeros[place % 2] += byte === 0));
  if (zeros[0] === zeros[1]) return null;
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { counted, prepareTable } from "./table.js";
import { tell } from "./tell.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();

prepareTable({
  words: "phones.import-",
  ask: (said) => proven(() => call("POST", "/api/devices/import", said)),
  cells: ({ line, extension, mac, model, make }) => [line, extension, mac, model, make],
  added: ({ added }, lost) => {
    tell("phones-imported", { added, lost: lost.length ? ` ${counted("import.lost", lost.length)}` : "" });
  },
});

await present(entering, () => {});

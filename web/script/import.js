import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { proven } from "./prove.js";
import { counted, prepareTable } from "./table.js";
import { tell } from "./tell.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const told = (name, count) => (count ? ` ${counted(name, count)}` : "");

prepareTable({
  words: "import.",
  ask: ({ csv, commit }) => {
    const invite = commit && !byId("letters").hidden && byId("add").elements.invite.checked;
    return proven(() => call("POST", "/api/people/import", { csv, commit, invite }));
  },
  cells: ({ line, extension, name, email }) => [line, extension, name, email],
  looked: async () => {
    const { relay } = await call("GET", "/api/mail");
    byId("letters").hidden = !relay;
    byId("no-letters").hidden = Boolean(relay);
  },
  added: ({ added, unmailed }, lost) => {
    const places = { lost: told("import.lost", lost.length), unmailed: told("import.unmailed", unmailed) };
    tell("imported", { added: counted("import.added", added), ...places });
  },
});

await present(entering, () => {});

import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { prepareAdding, tellWhatWasDone, writeAccount } from "./roster.js";
import { fill } from "./rows.js";
import { say } from "./words.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const list = byId("administrators");
const path = (administrator) => `/administrators/${administrator.username}`;

async function showNew({ username }) {
  await showAll();
  return list.querySelector(`[data-username="${username}"]`);
}

async function showAll() {
  const { administrators } = await call("GET", "/api/administrators");
  list.replaceChildren();
  fill(list, byId("administrator-row"), administrators, write);
}

function write(row, administrator) {
  row.dataset.username = administrator.username;
  const { username, you, email, ranges, api } = administrator;
  const from = ranges.length && say("administrators.from", { ranges: ranges.join(", ") });
  const further = [username, you && say("account.you"), email, from, api && say("administrators.api")];
  writeAccount(row, administrator, path(administrator), further);
}

const added = ({ administrator, invite }) => ({ path: path(administrator), account: administrator, invite });
prepareAdding(byId("add-administrator"), "/api/administrators", added, showNew);

await present(entering, async () => {
  await showAll();
  tellWhatWasDone();
});

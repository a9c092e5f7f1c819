import { on } from "./busy.js";
import { enter, present } from "./frame.js";
import { call } from "./http.js";
import { prepareAdding, tellWhatWasDone, writeAccount } from "./roster.js";
import { fill } from "./rows.js";

// Buttons work from the first moment, not only once it is known who is here.
const entering = enter();
const byId = (id) => document.getElementById(id);
const list = byId("people");
const path = (person) => `/people/${person.extension}`;
let next = null;

async function showPage(after) {
  const query = after ? `?after=${after}` : "";
  const page = await call("GET", `/api/people${query}`);
  if (!after) list.replaceChildren();
  // Whoever was shown ahead of their turn comes where they belong.
  for (const row of list.querySelectorAll("[data-early]")) row.remove();
  fill(list, byId("person-row"), page.people, write);
  next = page.next;
  byId("more").hidden = !next;
  byId("nobody").hidden = list.children.length > 0;
}

function write(row, person) {
  row.dataset.extension = person.extension;
  row.querySelector(".extension").textContent = person.extension;
  writeAccount(row, person, path(person), [person.email]);
}

/** In the order of the list: shorter numbers first. */
const before = (one, other) => one.length - other.length || (one < other ? -1 : 1);

/** Shows somebody new where they belong, behind all who are shown so far if their page is not there yet. */
function showNew(person) {
  const following = [...list.children].find(
    (row) => !row.dataset.early && before(person.extension, row.dataset.extension) < 0,
  );
  fill(list, byId("person-row"), [person], write);
  const row = list.lastElementChild;
  row.classList.add("new");
  if (following) following.before(row);
  else if (next) row.dataset.early = "";
  byId("nobody").hidden = true;
  return row;
}

const added = ({ person, invite }) => ({ path: path(person), account: person, invite });
prepareAdding(byId("add-person"), "/api/people", added, showNew);
on(byId("more"), "click", () => showPage(next));

await present(entering, async () => {
  await showPage();
  tellWhatWasDone();
});

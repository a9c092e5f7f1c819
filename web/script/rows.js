/** Fills a list from a template, a row for each thing. An empty list is not shown. */
export function fill(list, template, things, write) {
  const rows = things.map((thing) => {
    const row = template.content.firstElementChild.cloneNode(true);
    write(row, thing);
    return row;
  });
  list.append(...rows);
  list.hidden = !list.children.length;
}

/** Shows a row's badge. */
export function badge(row, text) {
  const element = row.querySelector(".badge");
  element.textContent = text;
  element.hidden = false;
}

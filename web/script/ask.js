/** Asks before something that cannot be undone: true for yes. */
export async function confirmed(question) {
  return (await chosen(question)) !== null;
}

/** The same with a `choice`, ticked at first: whether it was ticked at yes; `null` for no. */
export function chosen({ title, text, yes, choice, bad = true }) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-title").textContent = title;
  document.getElementById("confirm-text").textContent = text;
  const button = document.getElementById("confirm-yes");
  button.textContent = yes;
  button.className = bad ? "bad" : "main";
  const offered = document.getElementById("confirm-choice");
  const tick = offered.querySelector("input");
  offered.hidden = !choice;
  offered.querySelector("span").textContent = choice ?? "";
  tick.checked = true;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes" ? tick.checked : null), { once: true });
  });
}

/** Opens a dialog whose buttons with data-close close it. */
export function open(dialog) {
  dialog.showModal();
  for (const button of dialog.querySelectorAll("[data-close]")) button.onclick = () => dialog.close();
}

/** Asks for another name in the place of `name`: what was typed; `null` where the dialog was left. */
export function anotherName({ title, name }) {
  const dialog = document.getElementById("rename");
  document.getElementById("rename-title").textContent = title;
  const form = dialog.querySelector("form");
  form.elements.name.value = name;
  open(dialog);
  return new Promise((answer) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      answer(form.elements.name.value);
      dialog.close();
    };
    dialog.addEventListener("close", () => answer(null), { once: true });
  });
}

/** Asks before something that cannot be undone: true for yes. */
export function confirmed({ title, text, yes, bad = true }) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-title").textContent = title;
  document.getElementById("confirm-text").textContent = text;
  const button = document.getElementById("confirm-yes");
  button.textContent = yes;
  button.className = bad ? "bad" : "main";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

/** Opens a dialog whose buttons with data-close close it. */
export function open(dialog) {
  dialog.showModal();
  for (const button of dialog.querySelectorAll("[data-close]")) button.onclick = () => dialog.close();
}

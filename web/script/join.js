import { on } from "./busy.js";
import { call } from "./http.js";
import { Told, hush, tellError } from "./tell.js";

const form = document.getElementById("join-form");
const elsewhere = document.getElementById("elsewhere");
/** What is in the address, without what pasting may have put around it, which nobody sees. */
const token = () => location.hash.slice(1).replace(/%[0-9a-f]{2}|[^\w-]/gi, "");

on(form, "submit", async () => {
  try {
    const { next } = await call("POST", "/api/sign-in/link", {
      token: token(),
      public_computer: document.getElementById("public-computer").checked,
    });
    location.replace(next);
  } catch (error) {
    if (error.code === "link-spent") works(false);
    throw error;
  }
});

function works(may) {
  form.hidden = !may;
  elsewhere.hidden = may;
}

function begin() {
  hush();
  works(Boolean(token()));
  if (!token()) tellError(new Told("no-link"));
}

// A newer link in the same window changes the fragment alone, and loads nothing.
window.addEventListener("hashchange", begin);
begin();

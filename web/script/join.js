import { on } from "./busy.js";
import { call } from "./http.js";
import { Told, tellError } from "./tell.js";

const token = location.hash.slice(1);
const elsewhere = document.getElementById("elsewhere");

on(document.getElementById("join-form"), "submit", async () => {
  try {
    const { next } = await call("POST", "/api/sign-in/link", {
      token,
      public_computer: document.getElementById("public-computer").checked,
    });
    location.replace(next);
  } catch (error) {
    if (error.code === "link-spent") spent();
    throw error;
  }
});

function spent() {
  document.getElementById("join-form").hidden = true;
  elsewhere.hidden = false;
}

if (!token) {
  spent();
  tellError(new Told("no-link"));
}

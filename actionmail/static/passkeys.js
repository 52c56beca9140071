// Asks the browser for a passkey and posts its answer: at once, and again whenever the button is pressed.
"use strict";

const ceremony = document.querySelector("form[data-passkey]");
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

let pending = new AbortController();

function asked(signal) {
  const options = JSON.parse(ceremony.dataset.options);
  options.challenge = toBytes(options.challenge);
  if (ceremony.dataset.passkey === "use") {
    options.allowCredentials = named(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options, signal });
  }
  options.user.id = toBytes(options.user.id);
  options.excludeCredentials = named(options.excludeCredentials);
  return navigator.credentials.create({ publicKey: options, signal });
}

function answer(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

async function ask() {
  const trouble = ceremony.querySelector("[data-passkey-trouble]");
  trouble.textContent = "";
  pending.abort(); // pressed again while the browser still asks
  pending = new AbortController();
  try {
    ceremony.elements.answer.value = answer(await asked(pending.signal));
    ceremony.submit();
  } catch (error) {
    if (error.name === "AbortError") return;
    trouble.textContent =
      error.name === "InvalidStateError"
        ? "This machine holds a passkey for your account already."
        : "No passkey was given. Press the button to try again.";
  }
}

if (window.PublicKeyCredential) {
  for (const part of ceremony.querySelectorAll("[data-passkey-with]")) part.hidden = false;
  ceremony.querySelector("[data-passkey-without]").hidden = true;
  ceremony.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  ask();
}

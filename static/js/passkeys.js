/* Passkeys: shows the button in browsers that support them, hands it to allauth's script, and says in plain words what
   went wrong. Without this script the page says what is needed, and offers the other ways. */
(function () {
  "use strict";

  const WORDS = {
    NotAllowedError: "Nothing has changed. Either it was cancelled, or it took too long, or this device has no passkey for this site. You can try again.",
    InvalidStateError: "This device already has a passkey for your account.",
    SecurityError: "This address of the site does not allow passkeys. Please use another way.",
  };
  const OTHERS = "That did not work. Please try again, or use another way.";

  document.addEventListener("allauth.error", event => {
    event.preventDefault();
    const words = WORDS[event.detail.exception.name] || OTHERS, place = document.getElementById("passkey-trouble");
    place.textContent = words;
    place.hidden = false;
  });

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-passkey]");
    if (!button || !window.PublicKeyCredential || !window.allauth) return;
    document.getElementById("passkey-needs").hidden = true;
    button.hidden = false;
    const ids = {credential: "id_credential", data: "js_data", passwordless: "id_passwordless"};
    for (const name of ["login", "add", "authenticate"]) ids[name] = button.id;
    window.allauth.webauthn.forms[button.dataset.passkey]({ids});
  });
})();

// Passkeys: the only thing here that needs a script. Options stand in the page, the answer goes into a field of a form.
"use strict";
(() => {
  const decode = (text) => {
    const padded = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
  };
  const encode = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const get = async (options) => {
    options.challenge = decode(options.challenge);
    for (const allowed of options.allowCredentials || []) allowed.id = decode(allowed.id);
    const { id, type, rawId, response } = await navigator.credentials.get({ publicKey: options });
    return {
      id, type, rawId: encode(rawId), extensions: {},
      response: {
        clientDataJSON: encode(response.clientDataJSON),
        authenticatorData: encode(response.authenticatorData),
        signature: encode(response.signature),
        userHandle: response.userHandle ? encode(response.userHandle) : null,
      },
    };
  };

  const create = async (options) => {
    options.challenge = decode(options.challenge);
    options.user.id = decode(options.user.id);
    for (const known of options.excludeCredentials || []) known.id = decode(known.id);
    const { id, type, rawId, response } = await navigator.credentials.create({ publicKey: options });
    return {
      id, type, rawId: encode(rawId), extensions: {},
      response: {
        clientDataJSON: encode(response.clientDataJSON),
        attestationObject: encode(response.attestationObject),
      },
    };
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    const problem = form.querySelector("[data-problem]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (problem) problem.hidden = true;
      try {
        const ask = form.dataset.passkey === "create" ? create : get;
        const answer = await ask(JSON.parse(form.dataset.options));
        form.elements.namedItem("credential").value = JSON.stringify(answer);
        form.submit();
      } catch (error) {
        if (problem) problem.hidden = false;
      }
    });
  }
})();

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

// A page that waits for a device. As long as somebody looks at it, a short text is got now and then; when that is another,
// so is the page.
(() => {
  const place = document.querySelector("[data-watch]");
  if (!place) return;
  const begun = Date.now();
  const get = async (path) => {
    const answer = await fetch(path, { redirect: "error" });
    return answer.ok ? answer.text() : null;
  };
  const look = async () => {
    const mark = await get(place.dataset.watch);
    if (mark === null || mark === place.dataset.mark) return;
    if (place.dataset.leads) return location.assign(place.dataset.leads);
    const text = await get(location.pathname);
    const page = new DOMParser().parseFromString(text || "", "text/html");
    const news = page.getElementById(place.id);
    if (!news) return;
    const had = place.contains(document.activeElement);
    place.dataset.mark = news.dataset.mark;
    place.replaceChildren(...news.childNodes);
    if (had) document.getElementById("content").focus();
  };
  const again = async () => {
    if (!document.hidden) {
      // What is lost on the way is asked for again.
      try { await look(); } catch { /* next time */ }
    }
    const minutes = (Date.now() - begun) / 60000;
    if (minutes < 30) setTimeout(again, minutes < 3 ? 5000 : 20000);
  };
  setTimeout(again, 5000);
})();

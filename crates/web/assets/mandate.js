// Passkeys: the only thing at sign-in that needs a script. Options stand in the page, the answer goes into a field of a form.
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
    if (!window.PublicKeyCredential) {
      form.remove();
      continue;
    }
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

// Forms of profiles: children appear with their parents, and files are read into their fields. Without a script all
// children are shown, and certificates are pasted.
(() => {
  const holds = (form, [kind, ...rest]) => {
    if (kind === "all") return rest.every((part) => holds(form, part));
    if (kind === "any") return rest.some((part) => holds(form, part));
    const [name, wanted] = rest;
    const chosen = [...form.elements]
      .filter((one) => one.name === name && !one.closest(".off"))
      .filter((one) => !["radio", "checkbox"].includes(one.type) || one.checked)
      .map((one) => one.value);
    if (kind === "isNot") return !chosen.includes(wanted);
    return chosen.includes(wanted) || (kind === "contains" && chosen.length === 0);
  };
  for (const form of document.querySelectorAll("form[data-fields]")) {
    // Parents stand before their children.
    const children = [...form.querySelectorAll("[data-when]")];
    const look = () => {
      for (const child of children) {
        child.classList.toggle("off", !holds(form, JSON.parse(child.dataset.when)));
      }
    };
    form.addEventListener("change", look);
    look();
  }

  const inBase64 = (buffer) => {
    let text = "";
    for (const octet of new Uint8Array(buffer)) text += String.fromCharCode(octet);
    return text.startsWith("-----BEGIN ") ? text : btoa(text);
  };
  for (const file of document.querySelectorAll("input[data-into]")) {
    file.closest("[hidden]")?.removeAttribute("hidden");
    file.addEventListener("change", async () => {
      const chosen = file.files[0];
      if (!chosen || chosen.size > 65536) return;
      document.getElementById(file.dataset.into).value = inBase64(await chosen.arrayBuffer());
      const name = document.getElementById(file.dataset.name);
      if (name) name.value = chosen.name.slice(0, 255);
    });
  }
})();

// A page that waits for a device. The server sends a short text whenever the page is another one, and the page is got anew.
(() => {
  const place = document.querySelector("[data-watch]");
  if (!place) return;
  const events = new EventSource(place.dataset.watch);
  const renew = async (mark) => {
    if (mark === place.dataset.mark) return;
    if (place.dataset.leads) return location.assign(place.dataset.leads);
    const answer = await fetch(location.pathname, { redirect: "error" });
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    const news = page.getElementById(place.id);
    if (!news) return;
    const had = place.contains(document.activeElement);
    place.dataset.mark = news.dataset.mark;
    place.replaceChildren(...news.childNodes);
    if (had) document.getElementById("content").focus();
  };
  // What is lost on the way is told again when the stream begins anew.
  events.addEventListener("message", (event) => renew(event.data).catch(() => {}));
  window.addEventListener("pagehide", () => events.close());
})();

// What is live: the server sends a piece of the page whenever it has changed. Without a script the page shows how it was.
(() => {
  for (const part of document.querySelectorAll("[data-live]")) {
    const events = new EventSource(part.dataset.live);
    events.addEventListener("message", (event) => {
      // Somebody who is on a link of it keeps their place.
      if (part.contains(document.activeElement)) return;
      part.innerHTML = event.data;
    });
    window.addEventListener("pagehide", () => events.close());
  }
})();

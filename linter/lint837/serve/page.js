"use strict";
// The page keeps its secret in this script alone: neither the address nor a store of the browser holds it.
(() => {
  const $ = (id) => document.getElementById(id);
  const files = new Map(); // by number: { name, view, revision }
  let secret = "";
  let current = "";
  const views = new Map(); // by their number in the browser's history: { number, view }
  let last = 0;
  let asked = 0; // the last request for cards: an earlier answer that comes later is dropped

  const ended = (text) => {
    secret = "";
    files.clear();
    $("desk").hidden = $("file").hidden = true;
    $("ended").hidden = false;
    $("ended-text").textContent = text;
    say("");
    $("ended").focus();
  };
  const say = (text) => { $("said").textContent = text; };
  const warn = (text) => { $("alert").textContent = text; };

  // ---------------------------------------------------------------- the server

  async function ask(path, options = {}) {
    let response;
    try {
      response = await fetch(path, { ...options, headers: { "x-lint837-session": secret }, cache: "no-store" });
    } catch {
      ended("lint837 has ended, and forgot all files. Start it again: lint837 serve");
      throw new Error("ended");
    }
    if (response.status === 401) {
      ended("This page was closed or reloaded, so lint837 forgot its files. Open the new address that lint837 printed.");
      throw new Error("ended");
    }
    return response;
  }
  const json = async (path, options) => (await ask(path, options)).json();
  const post = (path, given) => ask(path, { method: "POST", body: JSON.stringify(given) });
  const of = (number, rest = "") => `/files/${number}${rest}`;

  // ---------------------------------------------------------------- files

  function upload(file) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", `/files?name=${encodeURIComponent(file.name)}`);
      request.setRequestHeader("x-lint837-session", secret);
      request.responseType = "json";
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) { $("upload-bar").value = event.loaded / event.total; }
      };
      request.onload = () => done(request.response || { said: "lint837 could not take the file." });
      request.onerror = () => done({ said: "it could not be read. Drop files, not folders." });
      request.send(file);
    });
  }

  async function open(list) {
    warn("");
    for (const file of list) {
      const { largest } = $("choose").dataset;
      if (file.size > Number(largest)) {
        warn(`${file.name}: it is larger than ${largest / 1048576} MB. Check it with lint837 check, which reads any size.`);
        continue;
      }
      $("upload-text").textContent = `Reading ${file.name}`;
      $("upload-bar").value = 0;
      $("upload").hidden = false;
      const got = await upload(file);
      $("upload").hidden = true;
      if (!got.number) {
        warn(`${file.name}: ${got.said}`);
        continue;
      }
      files.set(got.number, { name: got.name, view: { search: "", rule: "", payer: "", sort: "file", page: 1 }, revision: 0 });
      show(got.number);
      remember(true);
      $("file-name").focus();
    }
    $("choose").value = "";
  }

  function list() {
    document.body.classList.toggle("working", files.size > 0);
    $("files").replaceChildren(...(files.size < 2 ? [] : [...files].map(([number, file]) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = file.name;
      if (number === current) { button.setAttribute("aria-current", "true"); }
      button.addEventListener("click", () => { show(number); remember(true); });
      item.append(button);
      return item;
    })));
  }

  async function close() {
    const number = current;
    await ask(of(number), { method: "DELETE" });
    const name = files.get(number).name;
    files.delete(number);
    current = "";
    $("file").hidden = true;
    const [next] = files.keys();
    if (next) { show(next); } else { list(); }
    remember(false);
    say(`${name} is closed and forgotten.`);
    $("choose").focus();
  }

  function show(number) {
    current = number;
    const file = files.get(number);
    $("file").hidden = false;
    $("file-name").textContent = file.name;
    $("results").hidden = true;
    list();
    for (const key of ["search", "sort"]) { $(key).value = file.view[key]; }
    $("unticked").checked = Boolean(file.view.unticked);
    watch(number);
  }

  // Ask how far the check is until it is done; then show what it found, if that is news.
  async function watch(number) {
    for (let wait = 50; files.has(number) && current === number; wait = Math.min(wait * 1.5, 700)) {
      const state = await json(of(number));
      if (current !== number) { return; }
      if (state.failed) {
        $("check").hidden = true;
        warn(`${files.get(number).name} could not be checked: ${state.failed}`);
        return;
      }
      $("check").hidden = state.checked || (!state.first && wait < 400);
      $("check-bar").value = state.size ? state.done / state.size : 0;
      $("check-text").textContent = state.first ? "Checking the file" : "Checking the whole file again";
      const shown = !$("results").hidden && files.get(number).revision === state.revision;
      if (!state.first && !shown) { await cards(); }
      if (state.checked) { return; }
      await new Promise((go) => { setTimeout(go, wait); });
    }
  }

  // ---------------------------------------------------------------- cards

  function choices(select, every, found, value) {
    const option = (text, key) => { const made = new Option(text, key); made.selected = key === value; return made; };
    const kept = value && !found.some((one) => one.value === value) ? [option(`${value} (0)`, value)] : [];
    select.replaceChildren(option(every, ""), ...kept, ...found.map((one) => option(one.text, one.value)));
  }

  async function cards() {
    const number = current;
    const file = files.get(number);
    const mine = ++asked;
    const query = new URLSearchParams({ ...file.view, unticked: file.view.unticked ? "1" : "" });
    const got = await json(of(number, `/claims?${query}`));
    if (mine !== asked || current !== number || got.page === undefined) { return; }
    file.revision = got.revision;
    file.view.page = got.page;
    for (const part of ["tiles", "rules", "corrections"]) { $(part).innerHTML = got[part]; }
    const isFirst = !file.seen;
    file.seen = true;
    $("cards").innerHTML = got.html;
    $("about-rules").hidden = !got.rules;
    $("none").hidden = got.corrected > 0;
    for (const what of ["file", "log"]) { document.querySelector(`[data-take=${what}]`).disabled = !got.corrected; }
    $("notice").textContent = got.notice;
    $("notice").hidden = !got.notice;
    $("counts").textContent = got.counts;
    choices($("rule"), "all rules", got.by_rule, file.view.rule);
    choices($("payer"), "all payers", got.by_payer, file.view.payer);
    $("pager").hidden = got.pages < 2;
    $("page").textContent = `Page ${got.page} of ${got.pages}`;
    $("previous").disabled = got.page <= 1;
    $("next").disabled = got.page >= got.pages;
    $("results").hidden = false;
    if (isFirst) { say(`${file.name} is checked. ${got.counts}`); }
  }

  async function changed(path, given, claim) {
    warn("");
    const response = await post(path, { ...given, revision: files.get(current).revision });
    const got = await response.json();
    await cards();
    if (response.ok) { say(got.said); } else { warn(got.said); say(""); }
    const card = $(`claim-${claim}`);
    (card || $("claims-title")).focus();
    watch(current);
  }

  async function take(what) {
    warn("");
    say("Preparing the download.");
    const response = await ask(of(current, `/download/${what}`));
    if (!response.ok) {
      say("");
      warn((await response.json()).said);
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = decodeURIComponent(response.headers.get("x-name"));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`${link.download} is handed to the browser.`);
    await cards();
  }

  // ---------------------------------------------------------------- what the user does

  // A change of the view is a step that the back button undoes; typing in the search is not one each. A browser may
  // write its history to disk: it holds numbers, and what they stand for is here.
  function remember(step) {
    last += step || !last ? 1 : 0;
    views.set(last, { number: current, view: current ? { ...files.get(current).view } : {} });
    history[step ? "pushState" : "replaceState"](last, "", "/");
  }

  async function view(change, step) {
    const file = files.get(current);
    file.view = { ...file.view, page: 1, ...change };
    remember(step);
    await cards();
    say($("counts").textContent);
  }

  async function turn(by) {
    await view({ page: files.get(current).view.page + by }, true);
    $("claims-title").focus();
  }

  function listen() {
    $("choose").addEventListener("change", (event) => open([...event.target.files]));
    for (const kind of ["dragenter", "dragover"]) {
      addEventListener(kind, (event) => { event.preventDefault(); $("drop").classList.add("over"); });
    }
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) { $("drop").classList.remove("over"); } });
    addEventListener("drop", (event) => {
      event.preventDefault();
      $("drop").classList.remove("over");
      open([...event.dataTransfer.files]);
    });
    let typing;
    $("search").addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => view({ search: $("search").value }, false), 250);
    });
    for (const key of ["rule", "payer", "sort"]) {
      $(key).addEventListener("change", (event) => view({ [key]: event.target.value }, true));
    }
    $("unticked").addEventListener("change", (event) => view({ unticked: event.target.checked }, true));
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("close").addEventListener("click", close);
    $("previous").addEventListener("click", () => turn(-1));
    $("next").addEventListener("click", () => turn(1));
    for (const button of document.querySelectorAll("[data-take]")) {
      button.addEventListener("click", () => take(button.dataset.take));
    }
    $("corrections").addEventListener("click", ({ target }) => {
      const button = target.closest(".undo");
      if (button) {
        const claim = Number(button.dataset.claim);
        changed(of(current, "/undo"), { claim, number: Number(button.dataset.number) }, claim);
      }
    });
    $("cards").addEventListener("click", ({ target }) => {
      const button = target.closest(".way");
      if (button) {
        const { claim, finding, choice } = button.dataset;
        const way = choice === undefined ? { fix: true } : { choice: Number(choice) };
        changed(of(current, "/corrections"), { claim: Number(claim), finding: Number(finding), ...way }, claim);
      }
    });
    $("cards").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      const [segment, element] = form.elements.place.value.split(" ");
      const { claim, finding } = form.dataset;
      const given = { claim: Number(claim), finding: Number(finding), segment: Number(segment), element };
      changed(of(current, "/corrections"), { ...given, value: form.elements.value.value }, claim);
    });
    $("cards").addEventListener("change", async ({ target }) => {
      if (!target.matches(".tick")) { return; }
      await post(of(current, "/ticks"), { claim: Number(target.dataset.claim), on: target.checked });
      target.closest(".claim").classList.toggle("ticked", target.checked);
      if (files.get(current).view.unticked) { await cards(); $("claims-title").focus(); }
    });
    addEventListener("popstate", ({ state }) => {
      const { number, view: before } = views.get(state) || {};
      if (!files.has(number)) { return; }
      last = state;
      files.get(number).view = { ...before };
      show(number);
      cards();
    });
    addEventListener("beforeunload", (event) => { if (secret && files.size) { event.preventDefault(); } });
    addEventListener("pagehide", ({ persisted }) => {
      if (secret && !persisted) {
        fetch("/session", { method: "DELETE", keepalive: true, headers: { "x-lint837-session": secret } });
      }
    });
  }

  async function begin() {
    const token = location.hash.slice(1);
    history.replaceState(null, "", "/");
    if (!token) {
      ended("This page was closed or reloaded, so lint837 forgot its files. Open the new address that lint837 printed.");
      return;
    }
    const response = await fetch("/session", { method: "POST", body: token, cache: "no-store" });
    if (!response.ok) {
      ended("This address was used already; each works once. If you did not open it before, end lint837 and start it again.");
      return;
    }
    ({ secret } = await response.json());
    $("desk").hidden = false;
    listen();
    remember(false);
    $("choose").focus();
  }

  addEventListener("unhandledrejection", (event) => event.preventDefault());
  begin();
})();

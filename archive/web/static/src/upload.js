// Sends scans in pieces: what broke off goes on where it stopped, also after a reload, when the same files are chosen
// again. The protocol is described in docs/features/sources.md. Without this script the form is sent as it is.
const form = document.getElementById("upload");
const words = JSON.parse(form.dataset.words);
const piece = Number(form.dataset.piece);
const begin = form.dataset.begin;
const input = form.elements.files;
const chosenLine = form.querySelector(".upload-chosen");
const now = document.querySelector(".upload-now");
const order = new Intl.Collator("zh", { numeric: true });
const LONGEST_WAIT = 30;

let chosen = [];
// what was begun before with one of these files: a batch, once the server said so
let resumed = Promise.resolve(null);

class Stopped extends Error {}
class Misplaced extends Error {}
class Paused extends Error {}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function bytes(size) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; size >= 1024 && unit < 4; unit++) size /= 1024;
  return `${unit && size < 100 ? size.toFixed(1).replace(/\.0$/, "") : Math.round(size)} ${units[unit]}`;
}

const described = ({ name, file }) => ({ name, size: file.size, modified: file.lastModified });
const same = (one) => `${one.size}/${one.modified}/${one.name}`;

// --- choosing ---

function choose(files) {
  chosen = files.sort((a, b) => order.compare(a.name, b.name));
  input.required = chosen.length === 0;
  chosenLine.hidden = !chosen.length;
  const size = chosen.reduce((sum, { file }) => sum + file.size, 0);
  chosenLine.textContent = fill(words.chosen, { n: chosen.length, size: bytes(size) });
  resumed = "unfinished" in form.dataset ? begun() : Promise.resolve(null);
}

async function begun() {
  const names = new Set(chosen.map((one) => same(described(one))));
  const answer = await fetch(begin, { redirect: "manual" });
  for (const { batch, number, files } of answer.ok ? await answer.json() : []) {
    const n = files.filter((one) => names.has(same(one))).length;
    if (!n) continue;
    chosenLine.textContent += fill(words.known, { n, number });
    return batch;
  }
  return null;
}

const isHidden = (name) => name.split("/").some((step) => step.startsWith("."));

function ofInput(field) {
  const files = [...field.files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  return files.filter(({ name }) => !isHidden(name));
}

function addFolderButton() {
  const field = document.createElement("input");
  if (!("webkitdirectory" in field)) return;
  Object.assign(field, { type: "file", webkitdirectory: true, hidden: true, tabIndex: -1 });
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-outline-secondary", textContent: words.folder });
  button.addEventListener("click", () => field.click());
  field.addEventListener("change", () => choose(ofInput(field)));
  form.querySelector(".upload-choose").append(field, button);
}

async function entries(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...some);
  }
}

async function filesOf(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isDirectory) return (await Promise.all((await entries(entry)).map(filesOf))).flat();
  const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
  return [{ name: entry.fullPath.replace(/^\//, ""), file }];
}

async function drop(event) {
  event.preventDefault();
  form.classList.remove("dropping");
  const dropped = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  choose((await Promise.all(dropped.map(filesOf))).flat());
}

// --- sending ---

async function ask(address, method, body, headers = {}) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(address, { method, body, headers: { "X-CSRF-Token": token, ...headers }, redirect: "manual" });
  if (answer.ok) return answer.json();
  if (answer.type === "opaqueredirect") throw new Stopped(words.signed_out);
  const json = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (json.size !== undefined) throw Object.assign(new Misplaced(), { size: json.size });
  if (answer.status === 503 || answer.status === 502 || answer.status === 504) throw new TypeError("away");
  throw new Stopped(json.message || words.fault);
}

class Sending {
  constructor(files) {
    this.items = files.map((one) => ({ ...one, size: one.file.size, came: 0, line: this.line(one) }));
    this.total = this.items.reduce((sum, item) => sum + item.size, 0);
    this.button = now.querySelector("button");
    this.button.addEventListener("click", () => (this.running ? this.pause() : this.go()));
    now.querySelector(".upload-list").replaceChildren(...this.items.map((item) => item.line));
  }

  line({ name, file }) {
    const line = document.createElement("li");
    const [title, bar, size, state] = ["span", "progress", "span", "span"].map((kind) => document.createElement(kind));
    title.textContent = name;
    Object.assign(bar, { max: file.size || 1, value: 0 });
    bar.setAttribute("aria-label", name);
    Object.assign(size, { className: "size", textContent: bytes(file.size) });
    line.append(title, bar, size, state);
    return line;
  }

  pause(text = words.paused) {
    this.running = false;
    this.button.textContent = words.resume;
    this.say(text);
  }

  say(text) {
    const says = now.querySelector(".upload-says");
    if (says.textContent !== text) says.textContent = text;
  }

  async go() {
    this.running = true;
    this.button.textContent = words.pause;
    if (this.busy) return;
    Object.assign(this, { busy: true, since: Date.now(), before: this.came() });
    try {
      this.batch ??= await resumed;
      await this.announce();
      for (const item of this.items) await this.send(item);
      this.finish();
    } catch (error) {
      if (error instanceof Paused) return;
      this.pause(fill(words.stopped, { why: error instanceof Stopped ? error.message : words.fault }));
      if (!(error instanceof Stopped)) throw error;
    } finally {
      this.busy = false;
    }
  }

  came() {
    return this.items.reduce((sum, item) => sum + item.came, 0);
  }

  async announce() {
    const files = this.items.map(described);
    const fields = this.batch ? {} : Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    const address = this.batch ? `${begin}/${this.batch}` : begin;
    const answer = await this.insist(() => ask(address, "POST", JSON.stringify({ ...fields, files })));
    this.batch = answer.batch;
    answer.files.forEach(({ id, size, whole }, n) => Object.assign(this.items[n], { id, came: size, whole }));
    this.items.forEach((item) => this.draw(item));
  }

  async send(item) {
    const address = `${begin}/${this.batch}/${item.id}`;
    while (!item.whole) {
      if (!this.running) throw new Paused();
      this.say(fill(words.sending, { name: item.name }));
      const body = await this.piece(item);
      const headers = { "Upload-Offset": String(item.came), "Content-Type": "application/octet-stream" };
      try {
        item.came = (await this.insist(() => ask(address, "PATCH", body, headers))).size;
        item.whole = item.came === item.size;
      } catch (error) {
        if (!(error instanceof Misplaced)) throw error;
        item.came = error.size;
      }
      this.draw(item);
    }
  }

  async piece(item) {
    try {
      return await item.file.slice(item.came, item.came + piece).arrayBuffer();
    } catch {
      throw new Stopped(fill(words.changed, { name: item.name }));
    }
  }

  // A connection that broke is tried again until it is back.
  async insist(act) {
    for (let wait = 1; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        if (!this.running) throw new Paused();
        this.say(fill(words.waiting, { n: wait }));
        await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      }
    }
  }

  draw(item) {
    const [, bar, , state] = item.line.children;
    bar.value = item.whole ? bar.max : item.came;
    state.textContent = item.whole ? words.whole : "";
    if (item.whole) item.line.scrollIntoView({ block: "nearest" });
    const came = this.came();
    const done = this.items.filter((one) => one.whole).length;
    const count = { n: Math.min(done + 1, this.items.length), all: this.items.length, came: bytes(came), size: bytes(this.total) };
    Object.assign(now.querySelector(".progress-line progress"), { max: this.total || 1, value: came });
    now.querySelector(".upload-count").textContent = fill(words.count, count);
    const rate = (came - this.before) / ((Date.now() - this.since) / 1000);
    const left = (this.total - came) / rate;
    const time = left >= 60 ? fill(words.minutes, { n: Math.round(left / 60) }) : fill(words.seconds, { n: Math.ceil(left) });
    now.querySelector(".upload-rate").textContent = rate > 0 && left > 2 ? fill(words.rate, { rate: bytes(rate), left: time }) : "";
  }

  finish() {
    this.running = false;
    const end = document.createElement("form");
    Object.assign(end, { method: "post", action: `${begin}/${this.batch}/finish`, hidden: true });
    end.append(form.querySelector('[name="csrf_token"]').cloneNode());
    document.body.append(end);
    end.requestSubmit();
  }
}

let sending = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (sending || !chosen.length) return;
  sending = new Sending(chosen);
  form.hidden = true;
  now.hidden = false;
  sending.go();
});
input.addEventListener("change", () => choose(ofInput(input)));
form.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("dropping");
});
form.addEventListener("dragleave", () => form.classList.remove("dropping"));
form.addEventListener("drop", drop);
addEventListener("beforeunload", (event) => {
  if (sending?.running) event.preventDefault();
});
addFolderButton();
if (input.files.length) choose(ofInput(input));

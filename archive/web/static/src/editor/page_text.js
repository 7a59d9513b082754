// The words of one page beside its image, line by line, and what a person makes of them. The server keeps nothing
// until it is asked to; what it refuses stays in sight.
const SVG = "http://www.w3.org/2000/svg";
const DOUBTFUL = 0.8;
const LINE_HEIGHT = 26; // of the style sheet, in pixels of the screen
const SMALLEST = 6; // pixels of the page: less is a slip of the hand

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
const box = (quad) => {
  const [xs, ys] = [quad.map((point) => point[0]), quad.map((point) => point[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
};
const corners = ([left, top, right, bottom]) => [[left, top], [right, top], [right, bottom], [left, bottom]];

// Why it was refused, in the words of the server's error page.
function reason(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll(".error-page p:not(.acts)")].map((line) => line.textContent.trim()).join(" ");
}

export class PageText {
  // `changed` is called whenever another page, or another version of it, is shown.
  constructor(root, words, changed = () => {}) {
    this.root = root;
    this.words = words;
    this.changed = changed;
    this.page = null;
    this.rows = [];
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.figure = this.part("figure");
    this.picture = this.part("picture");
    this.places = this.part("places");
    this.list = this.part("lines");
    this.listen();
  }

  get dirty() {
    return Boolean(this.page?.editable) && this.rows.some((row) => row.removed || row.text !== row.was);
  }

  // --- a page comes and goes

  // Shows the page at this address, once what was changed on the one before is saved. Says whether it is shown.
  async show(address) {
    if (this.dirty && !(await this.save())) return false;
    return this.load(address);
  }

  async load(address) {
    this.address = address;
    const page = await this.ask(address);
    if (!page || this.address !== address) return false;
    this.say("");
    this.fill(page);
    return true;
  }

  fill(page) {
    this.page = page;
    this.open = null;
    this.rows = page.lines.map((line, index) => ({ ...line, index, was: line.text, removed: false }));
    this.figure.hidden = !page.image;
    if (this.picture.getAttribute("src") !== page.image) {
      if (page.image) this.picture.src = page.image;
      else this.picture.removeAttribute("src");
    }
    this.picture.alt = fill(this.words.image, { page: page.number });
    this.picture.width = page.width;
    this.picture.height = page.height;
    this.places.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
    this.draw();
    this.note(page.notes);
    this.changed(page);
  }

  draw() {
    this.list.replaceChildren(...this.rows.map((row) => this.item(row)));
    this.places.replaceChildren(...this.rows.map((row) => this.place(row)));
    this.part("empty").hidden = this.rows.length > 0;
    this.align();
    this.mark();
  }

  item(row) {
    const words = Object.assign(document.createElement("div"), { className: "line-words", textContent: row.text });
    const item = document.createElement("li");
    row.item = item;
    item.append(words);
    item.classList.toggle("line-doubtful", row.confidence < DOUBTFUL);
    if (this.page.editable) {
      words.tabIndex = 0;
      words.setAttribute("role", "button");
      const remove = Object.assign(document.createElement("button"), { type: "button", className: "line-remove" });
      remove.addEventListener("click", () => this.remove(row));
      item.append(remove);
    }
    return item;
  }

  place(row) {
    row.place = document.createElementNS(SVG, "polygon");
    row.place.setAttribute("points", row.quad.map((point) => point.map(Math.round).join(",")).join(" "));
    return row.place;
  }

  // Each line stands at the height it has on the image, or below the one before it.
  align() {
    const scale = this.page.width ? this.figure.clientWidth / this.page.width : 0;
    let bottom = 0;
    for (const row of this.rows) {
      const [, above, , below] = box(row.quad);
      const top = Math.max(0, ((above + below) / 2) * scale - LINE_HEIGHT / 2);
      row.item.style.marginTop = `${Math.max(0, top - bottom)}px`;
      bottom = Math.max(bottom, top) + row.item.offsetHeight;
    }
  }

  // --- what is marked, and what is said

  mark() {
    const editable = this.page.editable;
    this.rows.forEach((row, index) => {
      const changed = row.text !== row.was;
      row.item.classList.toggle("line-changed", changed || row.index === undefined);
      row.item.classList.toggle("line-removed", row.removed);
      row.place.classList.toggle("removed", row.removed);
      const button = row.item.querySelector(".line-remove");
      if (button) {
        button.textContent = row.removed ? this.words.keep : this.words.remove;
        button.setAttribute("aria-label", `${button.textContent} ${fill(this.words.line, { n: index + 1 })}`);
      }
    });
    const doubtful = this.doubtful().length;
    this.part("tools").hidden = !editable;
    const tool = (name) => this.root.querySelector(`[data-text="${name}"]`);
    tool("save").disabled = !this.dirty;
    tool("doubtful").hidden = !doubtful;
    tool("restore").hidden = !this.page.restorable;
    const state = this.dirty ? this.words.unsaved : this.page.corrected ? this.words.corrected : this.words.machine;
    this.part("state").textContent = doubtful ? `${state} · ${fill(this.words.doubtful, { n: doubtful })}` : state;
  }

  note(notes) {
    const part = this.part("notes");
    part.hidden = !notes.length;
    part.className = `notice notice-${notes.some((note) => note.tone === "red") ? "red" : "amber"}`;
    part.textContent = notes.map((note) => note.text).join(" ");
  }

  say(text, tone = "blue") {
    const said = this.part("said");
    said.hidden = !text;
    said.className = `notice notice-${tone}`;
    said.setAttribute("role", tone === "red" ? "alert" : "status");
    this.part("says").textContent = text;
    this.root.querySelector('[data-text="reload"]').hidden = tone !== "red" || !this.page?.editable;
  }

  // Lights these rows on the image, and nothing else.
  light(rows, field = "") {
    for (const row of this.rows) {
      row.place.classList.toggle("lit", rows.includes(row));
      if (rows.includes(row) && field) row.place.dataset.field = field;
      else delete row.place.dataset.field;
    }
    rows[0]?.place.scrollIntoView({ block: "nearest" });
  }

  lightField(field) {
    const found = this.page.places.find((place) => place.field === field);
    const rows = this.rows.filter((row) => found?.lines.includes(row.index));
    this.light(rows, field);
  }

  // --- editing

  listen() {
    const acts = {
      save: () => this.save(),
      add: () => this.drawing(!this.isDrawing),
      doubtful: () => this.nextDoubtful(),
      restore: () => confirm(this.words.restore) && this.send({ act: "restore" }),
      reload: () => (!this.dirty || confirm(this.words.reload)) && this.load(this.address),
    };
    this.root.addEventListener("click", (event) => {
      const tool = event.target.closest("[data-text]");
      if (tool) acts[tool.dataset.text]();
    });
    this.list.addEventListener("click", (event) => {
      const row = this.rows.find((one) => one.item.contains(event.target));
      if (event.target.matches(".line-words") && !String(getSelection())) this.edit(row);
    });
    this.list.addEventListener("focusin", (event) => {
      const row = this.rows.find((one) => one.item.contains(event.target));
      if (row) this.light([row]);
    });
    this.list.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches(".line-words")) {
        event.preventDefault();
        this.edit(this.rows.find((one) => one.item.contains(event.target)));
      }
    });
    this.places.addEventListener("click", (event) => {
      const row = this.rows.find((one) => one.place === event.target);
      if (row && this.list.offsetParent) this.edit(row);
    });
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || !this.list.offsetParent) return;
      event.preventDefault();
      if (this.dirty) this.save();
    });
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    new ResizeObserver(() => this.page && this.align()).observe(this.figure);
    this.listenToDrawing();
  }

  edit(row) {
    if (!this.page.editable || !row || row.removed) return;
    const words = row.item.querySelector(".line-words");
    const input = Object.assign(document.createElement("input"), { className: "line-input", value: row.text });
    input.setAttribute("aria-label", fill(this.words.line, { n: this.rows.indexOf(row) + 1 }));
    input.autocomplete = "off";
    input.spellcheck = false;
    input.addEventListener("input", () => {
      row.text = input.value;
      this.mark();
    });
    input.addEventListener("keydown", (event) => this.key(event, row, input));
    input.addEventListener("blur", () => {
      words.textContent = row.text;
      input.replaceWith(words);
    });
    words.replaceWith(input);
    input.focus({ preventScroll: true });
    row.item.scrollIntoView({ block: "nearest" });
    this.light([row]);
  }

  key(event, row, input) {
    if (event.isComposing) return; // the key belongs to the input method
    const { key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) this.add(this.below(row), row);
    else if (key === "Enter" || key === "ArrowDown") this.edit(this.neighbour(row, 1));
    else if (key === "ArrowUp") this.edit(this.neighbour(row, -1));
    else if (key === "Escape") {
      row.text = input.value = row.was;
      this.mark();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  neighbour(row, step) {
    let at = this.rows.indexOf(row) + step;
    while (this.rows[at]?.removed) at += step;
    return this.rows[at];
  }

  doubtful() {
    return this.rows.filter((row) => row.confidence < DOUBTFUL && row.text === row.was && !row.removed);
  }

  nextDoubtful() {
    const found = this.doubtful();
    const here = this.rows.findIndex((row) => row.place.classList.contains("lit"));
    this.edit(found.find((row) => this.rows.indexOf(row) > here) ?? found[0]);
  }

  remove(row) {
    if (row.index === undefined) {
      this.rows.splice(this.rows.indexOf(row), 1);
      this.draw();
      return;
    }
    row.removed = !row.removed;
    row.text = row.was;
    row.item.querySelector(".line-words").textContent = row.text;
    this.mark();
  }

  // A line that the machine did not see: behind `after`, or where it stands among the others.
  add(place, after = null) {
    const row = { text: "", was: "", quad: corners(place), box: place, confidence: 1, removed: false };
    const middle = (place[1] + place[3]) / 2;
    const next = this.rows.findIndex((one) => (box(one.quad)[1] + box(one.quad)[3]) / 2 > middle);
    const at = after ? this.rows.indexOf(after) + 1 : next < 0 ? this.rows.length : next;
    this.rows.splice(at, 0, row);
    this.draw();
    this.edit(row);
  }

  // Room for a line below this one, as high as it is.
  below(row) {
    const [left, top, right, bottom] = box(row.quad);
    const under = Math.min(this.page.height, 2 * bottom - top);
    return under - bottom < SMALLEST ? [left, top, right, bottom] : [left, bottom, right, under];
  }

  drawing(on) {
    this.isDrawing = on;
    this.figure.classList.toggle("drawing", on);
    this.root.querySelector('[data-text="add"]').setAttribute("aria-pressed", String(on));
    this.say(on ? this.words.draw : "");
  }

  listenToDrawing() {
    let start = null;
    let shape = null;
    const at = (event) => {
      const frame = this.figure.getBoundingClientRect();
      const scale = this.page.width / frame.width;
      const clamp = (value, most) => Math.min(Math.max(value, 0), most);
      const [x, y] = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
      return [clamp(x, this.page.width), clamp(y, this.page.height)];
    };
    const around = (event) => box([start, at(event)]).map((side) => Math.round(side * 10) / 10);
    this.places.addEventListener("pointerdown", (event) => {
      if (!this.isDrawing) return;
      event.preventDefault();
      start = at(event);
      shape = document.createElementNS(SVG, "polygon");
      shape.classList.add("lit");
      this.places.append(shape);
      this.places.setPointerCapture(event.pointerId);
    });
    this.places.addEventListener("pointermove", (event) => {
      if (start) shape.setAttribute("points", corners(around(event)).join(" "));
    });
    this.places.addEventListener("pointerup", (event) => {
      if (!start) return;
      const place = around(event);
      start = null;
      shape.remove();
      if (place[2] - place[0] < SMALLEST || place[3] - place[1] < SMALLEST) return;
      this.drawing(false);
      this.add(place);
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.isDrawing && this.drawing(false));
  }

  // --- to the server and back

  // Keeps what was changed. Says whether nothing is left to save.
  async save() {
    if (!this.dirty) return true;
    const kept = this.rows.filter((row) => !row.removed);
    const open = kept.findIndex((row) => row.item.querySelector(".line-input"));
    const lines = kept.map(({ text, index, box: place }) => (place ? { text, box: place } : { text, index }));
    const saved = await this.send({ act: "save", lines });
    if (open >= 0) this.edit(saved && this.rows.length === kept.length ? this.rows[open] : kept[open]);
    return saved;
  }

  async send(asked) {
    this.root.inert = true; // what is typed meanwhile would be lost
    const { page, seen } = this.page;
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
    const body = JSON.stringify({ ...asked, page, seen });
    const fresh = await this.ask(this.address, { method: "POST", headers, body });
    this.root.inert = false;
    if (!fresh) return false;
    this.say("");
    this.fill(fresh);
    this.part("state").textContent = this.words.saved;
    return true;
  }

  async ask(address, more = {}) {
    try {
      const answer = await fetch(address, more);
      if (answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json")) return await answer.json();
      this.say(answer.ok ? this.words.expired : reason(await answer.text()) || this.words.away, "red");
    } catch {
      this.say(this.words.away, "red");
    }
    return null;
  }
}

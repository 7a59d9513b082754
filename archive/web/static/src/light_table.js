// The light table: choosing pages by mouse and keys, and acts on them. The server answers each act with the screen anew.
const table = document.querySelector("[data-table]");
const board = document.getElementById("board");
const said = table.querySelector("[data-said]");
const chosen = new Set();
const undone = []; // what undoes the acts of this visit, the last one at the end
const seen = new Map(); // draft -> its arrangement, as it was shown last
let anchor = null; // where a range begins
let focused = null;
let dragging = false;
let busy = false;

const all = (selector, root = board) => [...root.querySelectorAll(selector)];
const pages = () => all("[role=option]");
const at = (id) => board.querySelector(`[role=option][data-page="${CSS.escape(id)}"]`);
const row = (element) => element.closest("[data-row]");
const screen = () => board.querySelector("[data-screen]");
const dialog = (name) => document.querySelector(`dialog[data-${name}]`);

// --- what is chosen

function mark() {
  for (const page of pages()) {
    page.setAttribute("aria-selected", chosen.has(page.dataset.page));
    page.tabIndex = -1;
  }
  const first = (focused && at(focused)) || pages()[0];
  if (first) first.tabIndex = 0;
  table.querySelector("[data-count]").textContent = chosen.size;
  const some = chosen.size > 0;
  const one = chosen.size === 1;
  const needs = { split: one, separate: one, replace: one, preview: one, undo: undone.length, blanks: blanks().length };
  for (const tool of all("[data-tool]", table)) tool.disabled = !(needs[tool.dataset.tool] ?? some);
}

const blanks = () => pages().filter((page) => page.dataset.blank);

// Those that are chosen, in the order in which they lie; or the one that has focus.
function picked() {
  const found = pages().filter((page) => chosen.has(page.dataset.page));
  if (found.length) return found;
  return document.activeElement?.matches("[role=option]") ? [document.activeElement] : [];
}

function choose(page, { add = false, range = false } = {}) {
  const id = page.dataset.page;
  if (range && anchor && at(anchor)) {
    const lying = pages();
    const ends = [lying.indexOf(at(anchor)), lying.indexOf(page)].sort((a, b) => a - b);
    if (!add) chosen.clear();
    for (const one of lying.slice(ends[0], ends[1] + 1)) chosen.add(one.dataset.page);
  } else if (add) {
    if (!chosen.delete(id)) chosen.add(id);
    anchor = id;
  } else {
    chosen.clear();
    chosen.add(id);
    anchor = id;
  }
  focused = id;
  mark();
}

function focus(page, extend) {
  focused = page.dataset.page;
  if (extend) choose(page, { range: true });
  mark();
  page.focus();
  page.scrollIntoView({ block: "nearest" });
}

// --- acts

function say(text, tone = "blue") {
  said.textContent = text;
  said.className = `notice lt-said notice-${tone}`;
  said.setAttribute("role", tone === "red" ? "alert" : "status");
  said.hidden = !text;
}

// Pictures that are there already are kept, so that nothing flickers.
function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const kept = new Map(all("img").map((img) => [img.getAttribute("src"), img]));
  for (const img of fresh.content.querySelectorAll("img")) {
    const old = kept.get(img.getAttribute("src"));
    if (old) img.replaceWith(old);
  }
  const had = document.activeElement?.matches("[role=option]");
  const place = focused ? pages().findIndex((page) => page.dataset.page === focused) : -1;
  board.replaceChildren(fresh.content);
  for (const one of all("[data-draft]")) seen.set(one.dataset.draft, Number(one.dataset.seen));
  for (const id of [...chosen]) if (!at(id)) chosen.delete(id);
  // Where the page with the focus has gone, the next one has it.
  if (focused && !at(focused)) focused = pages()[Math.min(place, pages().length - 1)]?.dataset.page ?? null;
  mark();
  if (had && focused) at(focused).focus({ preventScroll: true });
}

function address(path) {
  const { screen: number, tray } = screen().dataset;
  return `${path}?screen=${number}&tray=${tray}`;
}

async function reload() {
  const answer = await fetch(address(table.dataset.board));
  if (answer.ok) show(await answer.text());
}

// Why it was refused, in the words of the server's error page.
function reason(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll(".error-page p:not(.acts)")].map((line) => line.textContent.trim()).join(" ");
}

async function send(path, body, headers) {
  if (busy) return null;
  busy = true;
  table.setAttribute("aria-busy", "true");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  try {
    const answer = await fetch(address(path), { method: "POST", body, headers: { ...headers, "X-CSRF-Token": token } });
    const html = await answer.text();
    if (!answer.ok) {
      say(reason(html), "red");
      await reload();
      return null;
    }
    say("");
    const before = new Map(seen);
    show(html);
    const undo = JSON.parse(screen().dataset.undo);
    for (const [draft, number] of Object.entries(undo.seen)) seen.set(draft, number);
    // What was done before can still be undone after this: nobody else came between.
    for (const one of undone)
      for (const draft of Object.keys(one.seen))
        if (one.seen[draft] === before.get(draft)) one.seen[draft] = seen.get(draft);
    return undo;
  } catch {
    say(table.dataset.away, "red");
    return null;
  } finally {
    busy = false;
    table.removeAttribute("aria-busy");
  }
}

const saw = (drafts) => Object.fromEntries([...new Set(drafts)].filter(Boolean).map((id) => [id, seen.get(id)]));

async function act(asked, drafts) {
  const undo = await send(table.dataset.act, JSON.stringify({ ...asked, seen: saw(drafts) }), {
    "Content-Type": "application/json",
  });
  if (undo) undone.push(undo);
  mark();
}

async function undoLast() {
  const last = undone.pop();
  if (last) {
    const body = JSON.stringify(last);
    if (await send(table.dataset.act, body, { "Content-Type": "application/json" })) say(table.dataset.undone);
  }
  mark();
}

const ids = (found) => found.map((page) => page.dataset.page);
const draftsOf = (found) => found.map((page) => row(page).dataset.draft);

function onPages(name, more = {}) {
  const found = picked();
  if (found.length) act({ act: name, pages: ids(found), ...more }, draftsOf(found));
}

function onPage(name) {
  const [page] = picked();
  if (page) act({ act: name, before: page.dataset.page }, draftsOf([page]));
}

function rowBefore(here) {
  const rows = all("[data-row][data-draft]");
  return rows[rows.indexOf(here) - 1];
}

function merge(here) {
  const into = here && rowBefore(here);
  if (!into) return;
  const drafts = [into.dataset.draft, here.dataset.draft];
  act({ act: "merge", draft: drafts[0], before: drafts[1] }, drafts);
}

// Behind the item of the first of them; before all where they are of none.
function gather() {
  const found = picked();
  const after = draftsOf(found).filter(Boolean).at(-1) ?? all("[data-row][data-draft]").at(-1)?.dataset.draft ?? "";
  act({ act: "gather", pages: ids(found), draft: after }, [...draftsOf(found), after]);
}

function place(found, draft, before) {
  act({ act: "move", pages: ids(found), draft, before: before ?? "" }, [...draftsOf(found), draft]);
}

const TOOLS = {
  split: () => onPage("split"),
  separate: () => onPage("separate"),
  gather,
  left: () => onPages("rotate", { turn: 270 }),
  right: () => onPages("rotate", { turn: 90 }),
  half: () => onPages("rotate", { turn: 180 }),
  remove: () => onPages("remove"),
  merge: () => merge(picked()[0] && row(picked()[0])),
  undo: undoLast,
  move: openMove,
  replace: () => dialog("replacing").showModal(),
  preview: () => picked()[0] && enlarge(picked()[0]),
  blanks: () => {
    chosen.clear();
    for (const page of blanks()) chosen.add(page.dataset.page);
    mark();
  },
};

table.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const here = row(button);
  const { tool, restore, restoreDraft } = button.dataset;
  if (tool) TOOLS[tool]();
  else if ("all" in button.dataset) {
    for (const page of all("[role=option]", here)) chosen.add(page.dataset.page);
    mark();
  } else if ("merge" in button.dataset) merge(here);
  else if ("discard" in button.dataset) {
    if (confirm(table.dataset.confirmDiscard)) act({ act: "discard", draft: here.dataset.draft }, [here.dataset.draft]);
  } else if (restore) act({ act: "restore", pages: [restore] }, []);
  else if (restoreDraft) act({ act: "restore_draft", draft: restoreDraft }, []);
});

// --- mouse and keys

board.addEventListener("click", (event) => {
  const page = event.target.closest("[role=option]");
  if (page) choose(page, { add: event.ctrlKey || event.metaKey, range: event.shiftKey });
});
board.addEventListener("dblclick", (event) => {
  const page = event.target.closest("[role=option]");
  if (page) enlarge(page);
});
board.addEventListener("focusin", (event) => {
  if (event.target.matches("[role=option]")) focused = event.target.dataset.page;
});

// The page above or below the one that has focus.
function beyond(page, down) {
  const { top, left } = page.getBoundingClientRect();
  const others = pages().map((one) => ({ one, box: one.getBoundingClientRect() }));
  const side = others.filter(({ box }) => (down ? box.top > top + 5 : box.top < top - 5));
  const far = (box) => Math.abs(box.top - top) * 1000 + Math.abs(box.left - left);
  return side.sort((a, b) => far(a.box) - far(b.box))[0]?.one;
}

function step(key, page) {
  const lying = pages();
  const here = lying.indexOf(page);
  if (key === "ArrowLeft") return lying[here - 1];
  if (key === "ArrowRight") return lying[here + 1];
  return beyond(page, key === "ArrowDown");
}

const KEYS = { s: "split", m: "merge", n: "gather", l: "left", r: "right", R: "half", Delete: "remove", Enter: "preview" };

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undoLast();
    return;
  }
  if (event.key === "Escape") {
    chosen.clear();
    mark();
  }
  const page = event.target.closest("[role=option]");
  if (!page || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
    for (const one of all("[role=option]", row(page))) chosen.add(one.dataset.page);
    mark();
  } else if (event.ctrlKey || event.metaKey) return;
  else if (event.key.startsWith("Arrow")) {
    const next = step(event.key, page);
    if (next) focus(next, event.shiftKey);
  } else if (event.key === " ") choose(page, { add: true });
  else if (KEYS[event.key] ?? KEYS[event.key.toLowerCase()]) {
    if (!chosen.size || event.key === "Enter") choose(page);
    TOOLS[KEYS[event.key] ?? KEYS[event.key.toLowerCase()]]();
  } else return;
  event.preventDefault();
});

// --- dragging

function clear() {
  for (const one of all(".lt-before, .lt-behind, .lt-into")) one.classList.remove("lt-before", "lt-behind", "lt-into");
}

// Where it would be dropped: a gap, or in a row before a page (null: at its end).
function target(event) {
  const gap = event.target.closest(".lt-gap");
  if (gap) return { gap };
  const list = event.target.closest("[data-draft] .lt-pages");
  if (!list) return null;
  const page = event.target.closest("[role=option]");
  if (!page) return { list, before: null };
  const { left, width } = page.getBoundingClientRect();
  const behind = event.clientX > left + width / 2;
  return { list, page, behind, before: behind ? page.nextElementSibling : page };
}

board.addEventListener("dragstart", (event) => {
  const page = event.target.closest("[role=option]");
  if (!page) return;
  if (!chosen.has(page.dataset.page)) choose(page);
  event.dataTransfer.setData("text/plain", page.dataset.page);
  event.dataTransfer.effectAllowed = "move";
  dragging = true;
  // Rows that move apart at once would end the drag before it began.
  setTimeout(() => dragging && board.classList.add("lt-dragging"));
});
board.addEventListener("dragover", (event) => {
  const goal = dragging && target(event);
  clear();
  if (!goal) return;
  event.preventDefault();
  if (goal.gap) goal.gap.classList.add("lt-into");
  else if (goal.page) goal.page.classList.add(goal.behind ? "lt-behind" : "lt-before");
  else goal.list.classList.add("lt-into");
});
board.addEventListener("drop", (event) => {
  const goal = dragging && target(event);
  if (!goal) return;
  event.preventDefault();
  const found = picked();
  if (goal.gap) {
    const after = goal.gap.dataset.after;
    act({ act: "gather", pages: ids(found), draft: after }, [...draftsOf(found), after]);
    return;
  }
  // Sheets before the first page belong to no row, and pages that move stand nowhere.
  let before = goal.before;
  while (before && (chosen.has(before.dataset.page) || before.classList.contains("lt-separator")))
    before = before.nextElementSibling;
  place(found, row(goal.list).dataset.draft, before?.dataset.page);
});
board.addEventListener("dragend", () => {
  dragging = false;
  board.classList.remove("lt-dragging");
  clear();
});

// --- the page in large

function enlarge(page) {
  const large = dialog("preview");
  const { page: id, turn, from, notes } = page.dataset;
  const number = page.querySelector(".lt-label").textContent.trim();
  large.dataset.at = id;
  large.querySelector("[data-large]").src = `${table.dataset.pages.replace("PAGE", id)}?turn=${turn}`;
  large.querySelector("[data-large]").alt = from;
  large.querySelector("[data-caption]").textContent = `${row(page).getAttribute("aria-label")} · ${number} · ${from}`;
  const lines = notes.split("\n").filter(Boolean).map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  large.querySelector("[data-notes-list]").replaceChildren(...lines);
  if (!large.open) large.showModal();
}

function turnOver(by) {
  const lying = pages();
  const next = lying[lying.indexOf(at(dialog("preview").dataset.at)) + by];
  if (next) enlarge(next);
}

dialog("preview").addEventListener("click", (event) => {
  const { step: by } = event.target.dataset;
  if (by) turnOver(Number(by));
  else if ("close" in event.target.dataset || event.target === event.currentTarget) event.currentTarget.close();
});
dialog("preview").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft" || event.key === "ArrowUp") turnOver(-1);
  if (event.key === "ArrowRight" || event.key === "ArrowDown") turnOver(1);
});
dialog("preview").addEventListener("close", () => {
  const page = at(dialog("preview").dataset.at);
  if (page) {
    choose(page);
    page.focus();
  }
});

// --- moving without dragging, and other scans for a page

async function openMove() {
  const answer = await fetch(table.dataset.items);
  if (!answer.ok) return say(table.dataset.away, "red");
  const options = (await answer.json()).map((item) => {
    const option = new Option(`${item.number} · ${item.title} (${item.pages})`, item.id);
    seen.set(item.id, item.seen);
    return option;
  });
  document.getElementById("lt-item").replaceChildren(...options);
  document.getElementById("lt-number").value = "";
  dialog("move").showModal();
}

dialog("move").addEventListener("close", (event) => {
  if (event.target.returnValue !== "move") return;
  const found = picked();
  const draft = document.getElementById("lt-item").value;
  const number = Number(document.getElementById("lt-number").value) || 0;
  act({ act: "move", pages: ids(found), draft, number }, [...draftsOf(found), draft]);
});

dialog("replacing").addEventListener("close", async (event) => {
  const [page] = picked();
  const control = document.getElementById("lt-file");
  const how = event.target.returnValue;
  if (!how || !page || !control.files.length) return;
  const body = new FormData();
  body.set("act", how);
  body.set("file", control.files[0]);
  body.set("page", page.dataset.page);
  body.set("seen", JSON.stringify(saw(draftsOf([page]))));
  control.value = "";
  const undo = await send(table.dataset.replace, body, {});
  if (undo) undone.push(undo);
  mark();
});

// What is being read is looked at again, unless somebody is in the middle of something.
setInterval(() => {
  const waits = board.querySelector("[data-reading=yes]");
  if (waits && !busy && !dragging && !document.querySelector("dialog[open]") && !document.hidden) reload();
}, 3000);

for (const one of all("[data-draft]")) seen.set(one.dataset.draft, Number(one.dataset.seen));
mark();
if (location.hash.startsWith("#p-")) {
  const page = document.getElementById(location.hash.slice(1));
  if (page?.matches("[role=option]")) {
    choose(page);
    page.scrollIntoView({ block: "center" });
  }
}

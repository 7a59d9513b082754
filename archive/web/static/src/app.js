// What every page runs: menus, partial page updates that carry the form token, and a few keys.
import htmx from "htmx.org";
import "bootstrap/js/dist/dropdown";
import "bootstrap/js/dist/collapse";

window.htmx = htmx;

const token = () => document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = token();
});

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// `data-focus-key="/"`: the key puts the cursor here.
function focusByKey(event) {
  const target = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.select();
}

// In a list with `data-keys`, j and k walk through the rows' main links; Enter follows the one in focus.
function walkList(event) {
  const links = [...document.querySelectorAll("[data-keys] [data-open]")];
  if (!links.length) return;
  const step = event.key === "j" ? 1 : -1;
  const here = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(here + step, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

// A click anywhere on a row of such a list opens it, unless it hit something else or marked words for copying.
document.addEventListener("click", (event) => {
  const link = event.target.closest("table[data-keys] tbody tr")?.querySelector("[data-open]");
  if (!link || event.target.closest("a, button, input, label, form") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href);
  else link.click();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && event.target.form) event.target.form.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "j" || event.key === "k") walkList(event);
  else if (event.key.length === 1) focusByKey(event);
});

// Without a secure connection there is no clipboard interface; a selection is copied the old way.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const label = button.textContent;
  await copy(button.dataset.copy);
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = label), 2000);
});

// A choice that changes what is shown submits its form at once: `data-submit`.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

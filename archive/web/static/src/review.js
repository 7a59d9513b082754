// The review page: one page at a time, its image beside the fields or beside its words; the place a value was read from
// lights up while its field has focus.
import { PageText } from "./editor/page_text.js";

const data = JSON.parse(document.getElementById("review-data")?.textContent ?? "null");
const review = document.querySelector(".review");
const form = document.getElementById("review");
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

const editor = data && new PageText(document.getElementById("page-text"), data.words, (page) => {
  document.getElementById("where").textContent = fill(data.words.where, { page: page.number, pages: data.pages });
  document.getElementById("table").href = page.table;
  for (const button of review.querySelectorAll(".review-strip [data-page]")) {
    if (Number(button.dataset.page) !== page.number) button.removeAttribute("aria-current");
    else {
      button.setAttribute("aria-current", "true");
      button.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
});

const show = (number) => editor.show(data.address.replace("/pages/0/", `/pages/${number}/`));

async function turnTo(number) {
  if (!(number >= 1 && number <= data.pages) || number === editor.page?.number) return;
  await show(number);
  review.querySelector(".review-pages").scrollTop = 0;
}

async function light(field) {
  const number = data.fields[field];
  if (number && number !== editor.page?.number && !(await show(number))) return;
  if (editor.page) editor.lightField(field);
}

// Image and fields, or image and words; on a wide screen all three are there.
function choose(what) {
  review.dataset.shows = what;
  for (const button of review.querySelectorAll("[data-show]"))
    button.setAttribute("aria-pressed", String(button.dataset.show === what));
  if (editor.page) editor.align();
}

function listen() {
  review.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.page) turnTo(Number(button.dataset.page));
    if (button.dataset.show) choose(button.dataset.show);
    if (button.dataset.light) light(button.dataset.light);
  });
  document.addEventListener("focusin", (event) => {
    if (form && event.target.form === form && event.target.name) light(event.target.name);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["PageUp", "PageDown"].includes(event.key)) return;
    event.preventDefault();
    turnTo((editor.page?.number ?? 0) + (event.key === "PageDown" ? 1 : -1));
  });
  // What was corrected goes first: fields are accepted with it, or read from it.
  form?.addEventListener("submit", async (event) => {
    if (!editor.dirty) return;
    event.preventDefault();
    if (await editor.save()) form.requestSubmit(event.submitter);
    else choose("text");
  });
}

async function start() {
  listen();
  // The field that has focus when the page opens had it before this script ran.
  const focused = document.activeElement?.form?.id === "review" ? document.activeElement.name : "";
  await show(data.fields[focused] ?? 1);
  if (focused && editor.page) editor.lightField(focused);
}

if (editor) start();

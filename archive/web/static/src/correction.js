// Correcting the text of a filed page: the editor, page by page, and the older readings, any of which can count again.
import { PageText } from "./editor/page_text.js";

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("correction-data").textContent);
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
const address = (number) => data.address.replace("/pages/0/", `/pages/${number}/`);

const editor = new PageText(byId("page-text"), data.words, async (page) => {
  byId("where").textContent = fill(data.words.where, { page: page.number, pages: data.pages });
  const older = document.querySelector("[data-older]");
  byId("older").hidden = page.editable;
  older.textContent = fill(older.dataset.older, { n: page.version });
  document.querySelector('[data-step="-1"]').disabled = page.number === 1;
  document.querySelector('[data-step="1"]').disabled = page.number === data.pages;
  const back = new URL(byId("back").href);
  back.searchParams.set("page", page.number);
  byId("back").href = back;
  history.replaceState(null, "", location.pathname.replace(/\/pages\/\d+\//, `/pages/${page.number}/`));
  const answer = await fetch(page.versions);
  if (answer.ok && editor.page === page) byId("versions").innerHTML = await answer.text();
});

function turn(by) {
  const number = (editor.page?.number ?? 0) + by;
  if (number >= 1 && number <= data.pages) editor.show(address(number));
}

async function take() {
  editor.address = address(editor.page.number);
  await editor.send({ act: "take", version: editor.page.version });
}

document.querySelector(".review").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { step, version } = button.dataset;
  if (step) turn(Number(step));
  if (version) editor.show(`${address(editor.page.number)}?version=${version}`);
  if ("take" in button.dataset) take();
  if ("now" in button.dataset) editor.show(address(editor.page.number));
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !["PageUp", "PageDown"].includes(event.key)) return;
  event.preventDefault();
  turn(event.key === "PageDown" ? 1 : -1);
});

editor.show(address(data.first));

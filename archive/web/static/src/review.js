// The review page: one page image at a time, and the place a value was read from lights up while its field has focus.
function show(number) {
  for (const page of document.querySelectorAll("[data-shown]")) page.hidden = page.dataset.shown !== number;
  for (const button of document.querySelectorAll(".review-strip [data-page]")) {
    if (button.dataset.page === number) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function light(field) {
  for (const place of document.querySelectorAll("polygon[data-field]")) place.classList.remove("lit");
  const place = document.querySelector(`polygon[data-field="${CSS.escape(field)}"]`);
  if (!place) return;
  place.classList.add("lit");
  show(place.closest("[data-shown]").dataset.shown);
  place.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".review-strip [data-page]");
  if (button) show(button.dataset.page);
});
document.addEventListener("focusin", (event) => {
  if (event.target.form?.id === "review") light(event.target.name);
});
// The field that has focus when the page opens had it before this script ran.
if (document.activeElement?.form?.id === "review") light(document.activeElement.name);

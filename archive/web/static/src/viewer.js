// The viewer: the page as a deep-zoom image, its text beside it, hits marked in both, and the strip of pages.
import OpenSeadragon from "openseadragon";

const byId = (id) => document.getElementById(id);
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

// The library would add a style element of its own, which our pages do not allow; app.css says the same. It does not
// where it finds one.
function forbidInjectedStyle() {
  const style = document.createElement("style");
  style.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(style);
}

class Viewer {
  constructor(root, data, terms) {
    this.root = root;
    this.pages = data.pages;
    this.words = data.words;
    this.terms = terms;
    this.index = -1;
    this.hits = [];
    this.hit = -1;
    this.texts = new Map();
    this.turned = 0;
    forbidInjectedStyle();
    this.dragon = OpenSeadragon({
      element: byId("stage"),
      crossOriginPolicy: false,
      showNavigationControl: false,
      animationTime: reducedMotion ? 0 : 0.4,
      immediateRender: true,
      maxZoomPixelRatio: 2,
      minZoomImageRatio: 0.7,
      visibilityRatio: 0.5,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      keyboardNavEnabled: true,
    });
    // Our own keys turn pages and walk through hits.
    this.dragon.addHandler("canvas-key", (event) => {
      if (["n", "p", "r", "f", "/"].includes(event.originalEvent.key)) event.preventDefaultAction = true;
    });
    this.dragon.addHandler("open", () => this.opened());
    this.dragon.addHandler("open-failed", () => this.closed());
    this.dragon.addHandler("tile-load-failed", () => this.closed());
    // The page itself comes first, then the strip.
    this.dragon.addOnceHandler("tile-loaded", () => this.fillStrip());
    this.buildStrip();
  }

  fillStrip() {
    byId("strip").querySelectorAll("img").forEach((image) => (image.src = image.dataset.source));
  }

  buildStrip() {
    const strip = byId("strip");
    this.pages.forEach((page, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(page.closed ? this.blank(page) : this.small(page), String(page.number));
      if (page.hits) {
        const count = document.createElement("span");
        count.className = "hit-count";
        count.textContent = page.hits;
        button.append(count);
      }
      button.addEventListener("click", () => this.show(index));
      strip.append(button);
    });
  }

  small(page) {
    const image = document.createElement("img");
    const [width, height] = this.smallSize(page);
    image.alt = fill(this.words.page, { page: page.number, pages: this.pages.length });
    image.loading = "lazy";
    image.dataset.source = page.thumbnail;
    image.width = width;
    image.height = height;
    return image;
  }

  // What stands for the picture of a page that is not open.
  blank(page) {
    const place = document.createElement("span");
    const [width, height] = this.smallSize(page);
    place.className = "shut";
    place.style.width = `${width}px`;
    place.style.height = `${height}px`;
    place.textContent = this.words.shut;
    return place;
  }

  smallSize(page) {
    const scale = Math.min(100 / page.width, 140 / page.height);
    return [Math.round(page.width * scale), Math.round(page.height * scale)];
  }

  // Shows a page; `hit`: index of the hit on it to go to, -1 the last, undefined the page as a whole.
  async show(index, hit) {
    if (index < 0 || index >= this.pages.length) return;
    if (index === this.index) return hit === undefined ? undefined : this.goTo(hit < 0 ? this.hits.length - 1 : hit);
    this.index = index;
    const page = this.pages[index];
    this.hits = [];
    this.hit = -1;
    this.wanted = hit;
    this.markPlace();
    byId("stage").querySelector(".stage-note")?.remove();
    this.dragon.clearOverlays();
    if (page.closed) {
      this.fillStrip();
      return this.shut(page.closed);
    }
    this.dragon.open(page.information);
    const text = await this.textOf(page);
    if (this.index !== index) return;
    this.showText(text);
    this.placeBoxes();
  }

  async textOf(page) {
    if (!this.texts.has(page.number)) {
      const answer = await fetch(`${page.text}?${this.terms}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return this.closed();
      this.texts.set(page.number, await answer.json());
    }
    return this.texts.get(page.number);
  }

  opened() {
    this.dragon.viewport.setRotation(this.turned, true);
    if (this.wanted === undefined) this.fitWidth(true);
    this.placeBoxes();
  }

  // The leave has ended, or the page cannot be had: nothing of it stays in sight.
  closed() {
    this.texts.clear();
    this.shut(this.words.closed);
  }

  // Nothing of a page is in sight; why, stands in its place.
  shut(reason) {
    this.dragon.close();
    byId("text").replaceChildren();
    const note = document.createElement("div");
    note.className = "stage-note";
    note.setAttribute("role", "alert");
    note.textContent = reason;
    byId("stage").querySelector(".stage-note")?.remove();
    byId("stage").append(note);
  }

  markPlace() {
    const page = this.pages[this.index];
    byId("where").textContent = fill(this.words.page, { page: page.number, pages: this.pages.length });
    [...byId("strip").children].forEach((button, index) => {
      if (index === this.index) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    });
    byId("strip").children[this.index].scrollIntoView({ block: "nearest" });
    this.root.querySelector('[data-act="previous"]').disabled = this.index === 0;
    this.root.querySelector('[data-act="next"]').disabled = this.index === this.pages.length - 1;
    const correct = byId("correct");
    if (correct) correct.href = correct.href.replace(/\/pages\/\d+\//, `/pages/${page.number}/`);
    const address = new URL(location.href);
    address.searchParams.set("page", page.number);
    history.replaceState(null, "", address);
  }

  // One paragraph a line, as on the page; the pieces of hits become marks.
  showText(text) {
    const target = byId("text");
    target.replaceChildren();
    target.scrollTop = 0;
    if (!text) return;
    if (!text.lines.some((line) => line.trim())) {
      const note = document.createElement("p");
      note.className = "muted";
      note.textContent = this.words.none;
      target.append(note);
    } else {
      let offset = 0;
      for (const line of text.lines) {
        target.append(this.paragraph(line, offset, text.hits));
        offset += [...line].length + 1;
      }
    }
    this.hits = text.hits;
  }

  // Offsets count characters, not the units of JavaScript's strings.
  paragraph(line, offset, hits) {
    const paragraph = document.createElement("p");
    const characters = [...line];
    let done = 0;
    hits.forEach((hit, index) => {
      const start = Math.max(hit.start - offset, 0);
      const end = Math.min(hit.end - offset, characters.length);
      if (start >= end) return;
      const mark = document.createElement("mark");
      mark.dataset.hit = index;
      mark.textContent = characters.slice(start, end).join("");
      mark.addEventListener("click", () => this.goTo(index));
      paragraph.append(characters.slice(done, start).join(""), mark);
      done = end;
    });
    paragraph.append(characters.slice(done).join(""));
    return paragraph;
  }

  placeBoxes() {
    const text = this.texts.get(this.pages[this.index].number);
    if (!this.dragon.isOpen() || !text) return; // image and text come in either order; the later one places
    this.dragon.clearOverlays();
    const width = text.width;
    this.hits.forEach((hit, index) => {
      for (const corners of hit.boxes) {
        const element = document.createElement("div");
        element.className = "box";
        element.dataset.hit = index;
        this.dragon.addOverlay({ element, location: this.rectangle([corners], width) });
      }
    });
    if (this.wanted !== undefined && this.hits.length) this.goTo(this.wanted < 0 ? this.hits.length - 1 : this.wanted);
    else this.markHit();
    this.wanted = undefined;
  }

  // The upright rectangle around these corners, in the viewport's measure where the page is 1 wide.
  rectangle(quads, width, margin = 2) {
    const points = quads.flat();
    const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
    const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin];
    const [right, bottom] = [Math.max(...xs) + margin, Math.max(...ys) + margin];
    return new OpenSeadragon.Rect(left / width, top / width, (right - left) / width, (bottom - top) / width);
  }

  goTo(hit) {
    if (!this.hits.length) return;
    this.hit = hit;
    const width = this.texts.get(this.pages[this.index].number).width;
    if (this.dragon.isOpen() && this.hits[hit].boxes.length) {
      const box = this.rectangle(this.hits[hit].boxes, width);
      const viewport = this.dragon.viewport;
      const zoom = Math.max(viewport.getZoom(), this.readingZoom());
      viewport.zoomTo(zoom, null, reducedMotion);
      viewport.panTo(this.within(box.getCenter(), zoom), reducedMotion);
    }
    this.markHit();
    byId("text").querySelector(`[data-hit="${hit}"]`)?.scrollIntoView({ block: "center" });
  }

  // The centre nearest to `point` at which the page still fills the stage; what is narrower stays in the middle.
  within(point, zoom) {
    const page = this.dragon.world.getItemAt(0).getBounds();
    const [wide, tall] = [1 / zoom, 1 / (zoom * this.dragon.viewport.getAspectRatio())];
    const clamp = (value, length, view) =>
      length <= view ? length / 2 : Math.min(Math.max(value, view / 2), length - view / 2);
    return new OpenSeadragon.Point(clamp(point.x, page.width, wide), clamp(point.y, page.height, tall));
  }

  // The page fills the stage across, and is never narrower than one can read.
  readingZoom() {
    return Math.min(this.dragon.viewport.getMaxZoom(), Math.max(1, 620 / byId("stage").clientWidth));
  }

  markHit() {
    document.querySelectorAll(".box").forEach((box) =>
      box.classList.toggle("box-current", Number(box.dataset.hit) === this.hit));
    byId("text").querySelectorAll("mark").forEach((mark) =>
      mark.classList.toggle("mark-current", Number(mark.dataset.hit) === this.hit));
    const which = byId("which");
    if (!which || this.hit < 0) return;
    const before = this.pages.slice(0, this.index).reduce((sum, page) => sum + page.hits, 0);
    const all = this.pages.reduce((sum, page) => sum + page.hits, 0);
    which.textContent = fill(this.words.hit, { hit: before + this.hit + 1, hits: all });
  }

  // To the next hit (step 1) or the one before (-1), over page borders, round at the ends.
  walk(step) {
    const next = this.hit + step;
    if (this.hits.length && next >= 0 && next < this.hits.length) return this.goTo(next);
    const count = this.pages.length;
    for (let distance = 1; distance <= count; distance += 1) {
      const index = (this.index + step * distance + count * distance) % count;
      if (this.pages[index].hits) return this.show(index, step > 0 ? 0 : -1);
    }
  }

  fitWidth(immediately = reducedMotion) {
    const viewport = this.dragon.viewport;
    viewport.fitHorizontally(immediately);
    const bounds = viewport.getBounds();
    const home = this.dragon.world.getItemAt(0).getBounds();
    viewport.panTo(new OpenSeadragon.Point(bounds.getCenter().x, home.y + bounds.height / 2), immediately);
  }

  act(name) {
    const viewport = this.dragon.viewport;
    const acts = {
      previous: () => this.show(this.index - 1),
      next: () => this.show(this.index + 1),
      in: () => viewport.zoomBy(1.4).applyConstraints(),
      out: () => viewport.zoomBy(1 / 1.4).applyConstraints(),
      width: () => this.fitWidth(),
      whole: () => viewport.goHome(reducedMotion),
      turn: () => viewport.setRotation((this.turned = (this.turned + 90) % 360), reducedMotion),
      "previous-hit": () => this.walk(-1),
      "next-hit": () => this.walk(1),
      text: () => this.toggleText(),
    };
    if (this.dragon.isOpen() || !OF_THE_IMAGE.has(name)) acts[name]();
  }

  toggleText() {
    const hidden = this.root.classList.toggle("no-text");
    this.root.querySelector('[data-act="text"]').setAttribute("aria-pressed", String(!hidden));
  }
}

const OF_THE_IMAGE = new Set(["in", "out", "width", "whole", "turn"]);
const KEYS = { n: "next-hit", p: "previous-hit", PageDown: "next", PageUp: "previous", r: "turn", 0: "whole", "+": "in", "-": "out" };

function start() {
  const data = JSON.parse(byId("viewer-data").textContent);
  const terms = new URLSearchParams(location.search);
  terms.delete("page");
  const viewer = new Viewer(byId("viewer"), data, terms);
  byId("viewer").addEventListener("click", (event) => {
    const tool = event.target.closest("[data-act]");
    if (tool) viewer.act(tool.dataset.act);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const name = KEYS[event.key];
    if (!name) return;
    event.preventDefault();
    viewer.act(name);
  });
  viewer.show(data.first - 1, data.pages[data.first - 1]?.hits ? 0 : undefined);
}

start();

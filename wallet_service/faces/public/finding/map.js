// The map beside the list: its dots follow what was found, a finger zooms and chooses a commune, and the place somebody
// gave stands on it. Everything it shows is in the page already; the list says the same to who does not see it.
import { drawing } from "#ui/dom.js";

import { placeOf } from "./finding.js";

/** As faces/public/region_map.py has them. */
const SMALLEST_RADIUS = 7;
const RADIUS_GROWTH = 3.2;
const LARGEST_RADIUS = 34;
const ZOOM_STEP = 1.8;
const MOST_ZOOM = 14;

export class RegionMap {
  /** @type {SVGSVGElement} */
  #svg;
  #dots;
  #here = drawing("g", { class: "here" });
  #zoom = 1;
  #width;
  #height;
  /** The map's point in the middle of what is seen. @type {[number, number]} */
  #middle;

  /** @param {SVGSVGElement} svg @param {(commune: string) => void} onCommune a dot was tapped */
  constructor(svg, onCommune) {
    this.#svg = svg;
    this.#dots = /** @type {SVGGElement} */ (svg.querySelector(".dots"));
    this.#width = svg.viewBox.baseVal.width;
    this.#height = svg.viewBox.baseVal.height;
    this.#middle = [this.#width / 2, this.#height / 2];
    svg.append(this.#here);
    svg.addEventListener("click", (event) => {
      const tapped = event.target instanceof Element ? event.target.closest("[data-commune]") : null;
      if (tapped instanceof SVGElement && tapped.dataset.commune) onCommune(tapped.dataset.commune);
    });
  }

  /** @param {import("./finding.js").Place} place */
  #point({ latitude, longitude }) {
    const { west, north, xScale, yScale } = this.#svg.dataset;
    return [(longitude - Number(west)) * Number(xScale), (Number(north) - latitude) * Number(yScale)];
  }

  /** One dot a commune, as large as many are found there. @param {import("./finding.js").Hit[]} hits */
  show(hits) {
    /** @type {Map<string, {count: number, x: number, y: number}>} */
    const communes = new Map();
    for (const { listing } of hits) {
      const place = placeOf(listing);
      if (!place) continue;
      const known = communes.get(listing.commune_code);
      if (known) known.count += 1;
      else {
        const [x, y] = this.#point(place);
        communes.set(listing.commune_code, { count: 1, x, y });
      }
    }
    const largestFirst = [...communes].sort(([, one], [, other]) => other.count - one.count);
    this.#dots.replaceChildren(...largestFirst.map(([code, at]) => dot(code, at, this.#zoom)));
  }

  /** Where the person is, as they said; drawn, never sent. @param {import("./finding.js").Place | null} place */
  showHere(place) {
    this.#here.replaceChildren();
    if (!place) return;
    const [x, y] = this.#point(place);
    this.#here.append(drawing("circle", { cx: x, cy: y, r: 10 / Math.sqrt(this.#zoom) }));
    this.lookAt(place, 4);
  }

  /** @param {import("./finding.js").Place} place @param {number} zoom */
  lookAt(place, zoom) {
    const [x, y] = this.#point(place);
    this.#middle = [x, y];
    this.#setZoom(zoom);
  }

  whole() {
    this.#middle = [this.#width / 2, this.#height / 2];
    this.#setZoom(1);
  }

  /** @param {"in" | "out"} direction */
  zoom(direction) {
    this.#setZoom(direction === "in" ? this.#zoom * ZOOM_STEP : this.#zoom / ZOOM_STEP);
  }

  /** @param {number} zoom */
  #setZoom(zoom) {
    this.#zoom = Math.min(Math.max(zoom, 1), MOST_ZOOM);
    const width = this.#width / this.#zoom;
    const height = this.#height / this.#zoom;
    const left = Math.min(Math.max(this.#middle[0] - width / 2, 0), this.#width - width);
    const top = Math.min(Math.max(this.#middle[1] - height / 2, 0), this.#height - height);
    this.#svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    // Dots and names keep their size on the screen, roughly: a map that is enlarged shows more, not larger.
    this.#svg.style.setProperty("--zoom", String(Math.sqrt(this.#zoom)));
    for (const each of this.#dots.querySelectorAll("circle"))
      each.setAttribute("r", String(Number(each.dataset.radius) / Math.sqrt(this.#zoom)));
  }
}

/** @param {string} code @param {{count: number, x: number, y: number}} at @param {number} zoom */
function dot(code, { count, x, y }, zoom) {
  const radius = Math.min(SMALLEST_RADIUS + RADIUS_GROWTH * (Math.sqrt(count) - 1), LARGEST_RADIUS);
  return drawing("circle", {
    class: "shop-dot",
    "data-commune": code,
    "data-radius": radius,
    cx: x.toFixed(1),
    cy: y.toFixed(1),
    r: radius / Math.sqrt(zoom),
  });
}

// Makes elements without ever parsing text as HTML. Owns element creation and icons; knows no page.
import icons from "#icons";

const SVG = "http://www.w3.org/2000/svg";

/** element("button.button.wide", {type: "button", onclick}, "Payer"): children are text or nodes; null and false are skipped. */
export function element(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(node, name, value);
  append(node, children);
  return node;
}

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on") && typeof value === "function") node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = [node.className, value].filter(Boolean).join(" ");
  else if (value === true) node.setAttribute(name, "");
  else node.setAttribute(name, value);
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what `parent` holds. */
export function show(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
  return parent;
}

/** icon("store"): decorative unless a label is given. The build finds names in icon("...") calls. */
export function icon(name, label = null) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  if (label) { svg.setAttribute("role", "img"); svg.setAttribute("aria-label", label); } else svg.setAttribute("aria-hidden", "true");
  // Icon bodies come from the build, never from data.
  const parsed = new DOMParser().parseFromString(`<svg xmlns="${SVG}">${icons[name] ?? ""}</svg>`, "image/svg+xml");
  svg.append(...parsed.documentElement.childNodes);
  return svg;
}

// Makes elements without ever parsing text as HTML. Owns element creation and icons; knows no page.
import made from "#icons";

import { Presses } from "./presses.js";

/** @type {Record<string, string>} */
const icons = made;
const SVG = "http://www.w3.org/2000/svg";
const presses = new Presses();
if (typeof window !== "undefined") presses.hear(window);

/**
 * element("button.button.wide", {type: "button", onclick}, "Payer"): children are text or nodes; null and false are skipped.
 * @param {string} selector tag and classes
 * @param {Record<string, any> | null} [attributes] "on..." functions listen
 * @param {...any} children
 * @returns {any} an element of that tag
 */
export function element(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(node, name, value);
  append(node, children);
  return node;
}

/** @param {Element} node @param {string} name @param {any} value */
function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on") && typeof value === "function") node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = [node.className, value].filter(Boolean).join(" ");
  else if (value === true) node.setAttribute(name, "");
  else node.setAttribute(name, value);
}

/** @param {Element} node @param {any[]} children */
function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Where an event began, or the nearest element around it that matches.
 * @param {Event} event
 * @param {string} selector
 * @returns {any} null when there is none
 */
export const nearest = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

/** What has the keyboard, if it is inside `container`. @param {Element} container @returns {HTMLElement | null} */
export function focusedIn(container) {
  const active = document.activeElement;
  return active instanceof HTMLElement && container.contains(active) ? active : null;
}

/**
 * Replaces what `parent` holds; where something in it is just being pressed, after the tap.
 * @template {Element} Parent
 * @param {Parent} parent
 * @param {...any} children
 */
export function show(parent, ...children) {
  presses.draw(parent, () => {
    parent.replaceChildren();
    append(parent, children);
  });
  return parent;
}

/**
 * drawing("rect", {rx: 15}, ...): an SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} children
 */
export function drawing(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** Each parsed once: a list draws the same ones again and again. @type {Map<string, SVGElement>} */
const parsedIcons = new Map();

/** @param {string} name */
function parsedIcon(name) {
  const known = parsedIcons.get(name);
  if (known) return known;
  // Icon bodies come from the build, never from data.
  const body = `<svg xmlns="${SVG}" viewBox="0 0 24 24" class="icon">${icons[name] ?? ""}</svg>`;
  const parsed = /** @type {any} */ (new DOMParser().parseFromString(body, "image/svg+xml").documentElement);
  parsedIcons.set(name, parsed);
  return parsed;
}

/**
 * icon("store"): decorative unless a label is given. The build finds names in icon("...") calls.
 * @param {string} name
 * @param {string | null} [label]
 */
export function icon(name, label = null) {
  const node = /** @type {SVGElement} */ (document.importNode(parsedIcon(name), true));
  const meaning = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  for (const [key, value] of Object.entries(meaning)) node.setAttribute(key, value);
  return node;
}

/** Says a sentence to screen readers, in the page's element #announcements. @param {string} text */
export function announce(text) {
  const region = /** @type {HTMLElement} */ (document.getElementById("announcements"));
  // The same words twice must be heard twice.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

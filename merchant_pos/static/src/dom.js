// Makes elements. Text is always text: nothing from the service is ever read as HTML. Knows nothing of sales.
import icons from "#icons";

/** h("p.soft", {title: "x", onclick: f}, "text", child, null) -> element. Unknown properties become attributes. */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A lucide icon, decorative: the words beside it carry the meaning. */
export function icon(name) {
  const template = document.createElement("template");
  template.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${icons[name] ?? ""}</svg>`;
  return template.content.firstChild;
}

export function announce(text) {
  const place = document.getElementById("announcements");
  // The same words twice must be heard twice.
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

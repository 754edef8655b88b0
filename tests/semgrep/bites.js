// What each JavaScript rule bites, marked at the end of its first line, and what it leaves alone. Never run.

export const shown = (element, text, frame) => {
  element.innerHTML = text; // bites: html-from-text
  element.outerHTML = text; // bites: html-from-text
  element.insertAdjacentHTML("beforeend", text); // bites: html-from-text
  document.write(text); // bites: html-from-text
  element.textContent = text;
  eval(text); // bites: script-from-text
  new Function(text); // bites: script-from-text
  setTimeout("go()", 10); // bites: script-from-text
  setTimeout(() => element.remove(), 10);
  frame.postMessage(text, "*"); // bites: message-to-anybody
  frame.postMessage(text, location.origin);
  parseFloat(text); // bites: float-from-text
  Number.parseInt(text, 10);
  localStorage.setItem("session_token", text); // bites: kept-in-plain-storage
  localStorage.setItem("theme", text);
};

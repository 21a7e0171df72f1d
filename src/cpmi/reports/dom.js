// The theme, and elements made in a line. Every text of the data becomes a text node, never markup.

const root = document.documentElement;
const SVG = "http://www.w3.org/2000/svg";

// A page opened from a file may have no storage; the theme is then forgotten, nothing more.
const stored = {
  get: () => { try { return localStorage.getItem("cpmi-theme"); } catch { return null; } },
  set: (theme) => { try { localStorage.setItem("cpmi-theme", theme); } catch { /* not kept */ } },
};
if (["light", "dark"].includes(stored.get())) root.dataset.theme = stored.get();

const toggleTheme = () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = root.dataset.theme || (dark ? "dark" : "light");
  root.dataset.theme = shown === "dark" ? "light" : "dark";
  stored.set(root.dataset.theme);
};

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== false && child !== undefined));
  return element;
};
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const icon = (name) => s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));
const marker = (index) => {
  const style = `color: var(--m${index % 6})`;
  return s("svg", { class: "marker", "aria-hidden": "true", style }, s("use", { href: `#i-mark${index % 6}` }));
};
const mark = (kind, words) => h("span", { class: `mark ${kind}` }, icon(kind), words);
const number = (value, digits) => value.toFixed(digits).replace("-", "−");
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

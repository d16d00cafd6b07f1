// Builds DOM nodes from values. Text is always text: no function here reads HTML.

// Return an element; `attributes` are attributes, `on...` handlers, or `style` as an object of properties.
export function h(tag, attributes = {}, ...children) {
  const element = tag === "svg" || SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") setStyle(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

// Replace everything inside `element`.
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

function setStyle(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== null && value !== undefined) element.style.setProperty(name, value);
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["path", "line", "rect", "circle", "polyline"]);

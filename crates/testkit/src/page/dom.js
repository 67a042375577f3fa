// Finds what a person or a screen reader finds: shown elements by role and accessible name.
// Runs as the body of a WebDriver script: arguments are a task and its query.

const IMPLICIT = [
  ["button", "button, input[type=button], input[type=submit], summary"],
  ["link", "a[href]"],
  ["checkbox", "input[type=checkbox]"],
  ["combobox", "select:not([multiple])"],
  // A password field has no role of its own; people call it a text field too.
  ["textbox", "textarea, input:not([type]), input:is([type=text], [type=password], [type=tel], [type=email])"],
  ["searchbox", "input[type=search]"],
  ["table", "table"],
  ["row", "tr"],
  ["columnheader", "thead th, th[scope=col]"],
  ["cell", "td"],
  ["navigation", "nav"],
  ["main", "main"],
  ["heading", "h1, h2, h3, h4, h5, h6"],
  ["status", "output"],
  ["dialog", "dialog"],
  ["region", "section"],
  ["list", "ul, ol"],
  ["listitem", "li"],
];

const squeeze = (text) => text.replace(/\s+/g, " ").trim();

function role(element) {
  const explicit = element.getAttribute("role");
  if (explicit) return explicit.split(" ")[0];
  const found = IMPLICIT.find(([, selector]) => element.matches(selector));
  return found ? found[0] : null;
}

function shown(element) {
  if (element.closest("[aria-hidden=true], [inert], [hidden]")) return false;
  return element.getClientRects().length > 0 && element.checkVisibility({ visibilityProperty: true });
}

// The text as it is read out: what is hidden from readers left out, labels in place of pictures.
function text(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (node.getAttribute("aria-hidden") === "true" || node.hidden || node.tagName === "STYLE") return "";
  if (!node.checkVisibility({ visibilityProperty: true })) return "";
  if (node.tagName === "IMG") return ` ${node.alt} `;
  if (node.tagName === "svg" || node.getAttribute("role") === "img") return ` ${node.getAttribute("aria-label") ?? ""} `;
  const inner = [...node.childNodes].map(text).join("");
  return getComputedStyle(node).display.startsWith("inline") ? inner : ` ${inner} `;
}

// A label's text without that of the control within it.
function labelText(label, control) {
  const walker = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
  let found = "";
  while (walker.nextNode()) {
    if (!control.contains(walker.currentNode)) found += walker.currentNode.data;
  }
  return found;
}

function name(element) {
  const ids = element.getAttribute("aria-labelledby");
  if (ids) {
    const parts = ids.split(/\s+/).map((id) => document.getElementById(id));
    return squeeze(parts.map((part) => (part ? part.textContent : "")).join(" "));
  }
  if (element.hasAttribute("aria-label")) return squeeze(element.getAttribute("aria-label"));
  if (element.labels && element.labels.length > 0) {
    return squeeze([...element.labels].map((label) => labelText(label, element)).join(" "));
  }
  if (element.tagName === "TABLE" && element.caption) return squeeze(element.caption.textContent);
  const named = ["button", "link", "heading", "columnheader", "cell", "switch", "tab", "menuitem"];
  if (named.includes(role(element))) {
    const own = squeeze([...element.childNodes].map(text).join(""));
    if (own) return own;
  }
  return squeeze(element.getAttribute("title") || element.getAttribute("placeholder") || "");
}

function find(query) {
  const roots = query.inside ? find(query.inside) : [document];
  return roots
    .flatMap((root) => [...root.querySelectorAll("*")])
    .filter((element) => role(element) === query.role && shown(element))
    .filter((element) => query.name === null || name(element) === query.name)
    .filter((element) => query.text === null || squeeze(text(element)).includes(query.text));
}

function seen(element) {
  const state = (attribute, property) => {
    const value = element.getAttribute(attribute);
    if (value !== null) return value === "true";
    return property in element ? element[property] : null;
  };
  return {
    name: name(element),
    text: squeeze(text(element)),
    pressed: state("aria-pressed", "pressed"),
    checked: state("aria-checked", "checked"),
    disabled: state("aria-disabled", "disabled") ?? false,
    value: "value" in element ? String(element.value) : null,
    options: element.tagName === "SELECT" ? [...element.options].map((option) => squeeze(option.text)) : [],
  };
}

function table(element) {
  const cells = (row, selector) => [...row.querySelectorAll(selector)].map((cell) => squeeze(text(cell)));
  const rows = [...element.querySelectorAll("tbody tr")].filter(shown);
  return {
    headers: cells(element, "thead th"),
    rows: rows.map((row) => cells(row, "td, th[scope=row]")),
  };
}

const TASKS = {
  find,
  seen: (query) => find(query).map(seen),
  tables: (query) => find(query).map(table),
  focus: () => {
    const at = document.activeElement;
    const is_one = at && at !== document.body;
    return {
      role: (is_one && role(at)) || "",
      name: is_one ? name(at) : "",
      in_dialog: Boolean(is_one && at.closest("dialog")),
    };
  },
  // What there is of a role, for a message when something is missing.
  names: (query) => find({ ...query, name: null, text: null }).map(name),
  text: () => squeeze(document.body ? text(document.body) : ""),
};

return TASKS[arguments[0]](arguments[1]);

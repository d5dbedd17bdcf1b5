// Brings Swagger UI and starts it on this server's own document. Nothing is asked of any other server.

// The page's own frame is there first: what takes a second to be read and run must not hold it up.
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

function load(element, attributes) {
  return new Promise((resolve, reject) => {
    const part = Object.assign(document.createElement(element), attributes, { onload: resolve, onerror: reject });
    document.head.prepend(part); // before style.css, which has the last word
  });
}

function start() {
  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    url: "openapi.json",
    deepLinking: false, // its links would stand inside of buttons
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}

painted()
  .then(() => Promise.all([
    load("link", { rel: "stylesheet", href: "docs/swagger-ui.css" }),
    load("script", { src: "docs/swagger-ui-bundle.js" }),
  ]))
  .then(start, () => {
    document.querySelector("#swagger-ui .loading").textContent = "Swagger UI did not arrive. Load the page again.";
  });

// Names for the fields that Swagger UI leaves without one, and the keyboard's way to what scrolls.
const NAMES = {
  ".examples-select-element": "Example",
  ".body-param__text": "Request body",
  "input[type=file]": "File",
};

function complete() {
  for (const [selector, name] of Object.entries(NAMES))
    for (const field of document.querySelectorAll(`#swagger-ui ${selector}:not([aria-label])`))
      field.setAttribute("aria-label", name);
  for (const row of document.querySelectorAll("#swagger-ui tr[data-param-name]"))
    for (const field of row.querySelectorAll(":is(select, input, textarea):not([aria-label])"))
      field.setAttribute("aria-label", row.dataset.paramName);
  for (const text of document.querySelectorAll("#swagger-ui pre.microlight:not([tabindex])")) text.tabIndex = 0;
}

new MutationObserver(complete).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });

// Swagger UI's dark colours, where the page's theme or else the system's is dark.
const system = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  let theme = null;
  try {
    theme = localStorage.getItem("digitd.theme");
  } catch { /* No storage: the system's theme. */ }
  const dark = theme ? theme === "dark" : system.matches;
  document.documentElement.classList.toggle("dark-mode", dark);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

system.onchange = paint;
paint();

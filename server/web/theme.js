// Before the first paint: the theme that was chosen last time, if one was.
try {
  document.documentElement.dataset.theme = localStorage.getItem("digitd.theme") ?? "";
} catch { /* No storage: the system's theme. */ }

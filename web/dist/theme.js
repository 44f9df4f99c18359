// Sets theme and language before the first paint; a file of its own because the CSP allows no inline script.
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem("naryad.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    var language = localStorage.getItem("naryad.language");
    root.lang = language || (/^ru/.test(navigator.language) ? "ru" : "en");
  } catch (_) {
    // Storage may be forbidden; the system's theme then stays.
  }
})();

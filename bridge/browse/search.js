// The search of the archive's pages. It loads only the data that a question needs, from beside this page, and asks no
// other computer for anything. What was harvested is shown as text, never as HTML.
(function () {
  "use strict";
  var AT_ONCE = 50, LONGEST = 40;
  var WORD = /[\u3040-\u30ff\u3400-\u9fff]|(?:(?![\u3040-\u30ff\u3400-\u9fff])[\p{L}\p{N}])+/gu;
  var form = document.getElementById("search"), field = document.getElementById("q");
  var status = document.getElementById("status"), list = document.getElementById("found");
  var more = document.getElementById("more");
  var arrived = new Map(), loading = new Map(), asked = 0, waiting = [];

  // Every data file calls this with [what, ...values].
  window.keepfolio = function (given) {
    var what = given[0];
    if (what === "parts") arrived.set("parts", given[1]);
    if (what === "words") arrived.set("words " + given[1] + " " + given[2], given[3]);
    if (what === "shown") arrived.set("shown " + given[1], given[2]);
  };

  function load(key, address) {
    if (!loading.has(key)) {
      loading.set(key, new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = address;
        script.onload = function () { script.remove(); resolve(arrived.get(key)); };
        script.onerror = function () { script.remove(); loading.delete(key); reject(new Error(address)); };
        document.head.append(script);
      }));
    }
    return loading.get(key);
  }

  function folder(part) { return "search/" + String(part).padStart(3, "0") + "/"; }

  function plain(text) { return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase(); }

  function words(text) {
    return Array.from(new Set((plain(text).match(WORD) || []).map(function (w) { return w.slice(0, LONGEST); })));
  }

  function initial(word) {
    var first = word[0];
    if (first >= "a" && first <= "z") return first;
    return first >= "0" && first <= "9" ? "0" : "other";
  }

  // The entries of a part that hold a word, or a word that begins so.
  async function holding(part, word) {
    var letter = initial(word);
    var lines = await load("words " + part + " " + letter, folder(part) + letter + ".js");
    var found = new Set();
    lines.forEach(function (line) {
      if (line[0].startsWith(word)) line[1].forEach(function (n) { found.add(n); });
    });
    return found;
  }

  async function inPart(part, wanted) {
    var left = null;
    for (var word of wanted) {
      var found = await holding(part, word);
      left = left === null ? found : new Set(Array.from(left).filter(function (n) { return found.has(n); }));
      if (!left.size) return [];
    }
    var shown = await load("shown " + part, folder(part) + "shown.js");
    return Array.from(left).map(function (n) {
      var line = shown[n], title = words(line[1]);
      var inTitle = wanted.filter(function (w) { return title.some(function (t) { return t.startsWith(w); }); }).length;
      return { page: line[0], title: line[1], meta: line[2], text: line[3], score: inTitle * line[4], day: line[5] };
    });
  }

  async function search() {
    var mine = ++asked, wanted = words(field.value);
    list.replaceChildren();
    more.hidden = true;
    if (!wanted.length) { status.textContent = ""; return; }
    status.textContent = "Looking …";
    try {
      var parts = await load("parts", "search/parts.js"), found = [];
      for (var part = 0; part < parts; part++) {
        found = found.concat(await inPart(part, wanted));
        if (mine !== asked) return;
      }
      found.sort(function (a, b) { return b.score - a.score || b.day - a.day; });
      status.textContent = found.length === 0 ? "Nothing was found. Try fewer words, or the beginning of one."
        : found.length === 1 ? "1 entry was found." : found.length + " entries were found.";
      waiting = found;
      show();
    } catch (problem) {
      if (mine === asked) status.textContent = "The data of the search cannot be read. Make these pages again: keepfolio browse";
    }
  }

  function show() {
    var next = waiting.splice(0, AT_ONCE);
    next.forEach(function (hit) {
      var item = document.createElement("li"), link = document.createElement("a");
      var meta = document.createElement("span"), text = document.createElement("p");
      link.href = hit.page;
      link.textContent = hit.title;
      link.dir = text.dir = "auto";
      meta.className = "b-meta";
      meta.textContent = hit.meta;
      text.className = "b-summary";
      text.textContent = hit.text;
      item.append(link, " ", meta);
      if (hit.text) item.append(text);
      list.append(item);
    });
    more.hidden = !waiting.length;
  }

  more.addEventListener("click", function () {
    var before = list.children.length;
    show();
    list.children[before].querySelector("a").focus();
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var address = "#q=" + encodeURIComponent(field.value);
    if (location.hash === address) search(); else location.hash = address;
  });
  window.addEventListener("hashchange", fromAddress);

  function fromAddress() {
    if (!location.hash.startsWith("#q=")) return;
    try { field.value = decodeURIComponent(location.hash.slice(3)); } catch (problem) { field.value = ""; }
    search();
  }

  form.hidden = false;
  document.getElementById("without").hidden = true;
  if (location.hash.length > 1) fromAddress();
})();
